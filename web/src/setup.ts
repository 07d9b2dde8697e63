/** A way to sign in: `password`, or a provider of Firebase Authentication. */
export interface Way {
  id: string;
  /** What stands on its button; null where its name is known or its id must do. */
  label: string | null;
}

/** What `[console]` of crm.toml says. */
export interface Setup {
  signIn: Way[];
  /** The site key of reCAPTCHA Enterprise, by which the page shows that it is ours; empty for no App Check. */
  appCheckKey: string;
  sessionHours: number;
}

/** Where the emulators are, with accounts to sign in; a page of production has none. */
export interface Emulators {
  auth: string;
  firestore: string;
  functions: string;
  accounts: { email: string; password: string; role: string }[];
}

/** What the page is told by the block of settings in it, which `crm/console/page.py` writes. */
export interface Settings {
  /** The functions' region. */
  region: string;
  timeZone: string;
  /** Where below its host the console is, with a slash at both ends. */
  place: string;
  console: Setup;
  emulators: Emulators | null;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** The settings that a text holds; null where it holds none that can be understood. */
export function settingsOf(text: string | null | undefined): Settings | null {
  try {
    const said = JSON.parse(text ?? "") as Settings;
    new Intl.DateTimeFormat("en", { timeZone: said.timeZone }); // throws for a zone that is none
    const { signIn, sessionHours, appCheckKey } = said.console;
    const understood =
      isText(said.region) &&
      isText(said.timeZone) &&
      /^\/(.+\/)?$/.test(said.place) &&
      typeof appCheckKey === "string" &&
      typeof sessionHours === "number" &&
      sessionHours > 0 &&
      signIn.length > 0 &&
      signIn.every(({ id }) => isText(id));
    return understood ? said : null;
  } catch {
    return null;
  }
}

/** crm.toml without a line; also what tests get, where there is no page. */
const USUAL: Settings = {
  region: "us-central1",
  timeZone: "UTC",
  place: "/",
  console: { signIn: [{ id: "password", label: null }], appCheckKey: "", sessionHours: 12 },
  emulators: null,
};

const given = settingsOf(globalThis.document?.getElementById("crm-settings")?.textContent);

/** Whether the page says what it is set to. Without it nothing is shown but that it does not. */
export const IS_SET_UP = given !== null;

export const SETTINGS: Settings = given ?? USUAL;
