/** The sections of words that the sign-in and the first screen need: fetched before anything is shown. The others
 * come with the first of the other screens. */
export const FIRST = ["nav", "shared", "signIn", "shell", "refusals", "home"];
