/** A way to sign in: `password`, or a provider of Firebase Authentication. */
export interface Way {
  id: string;
  /** What stands on its button; null where its name is known or its id must do. */
  label: string | null;
}

/** What `[console]` of crm.toml says, as it was when the page was built. */
export interface Setup {
  signIn: Way[];
  /** The site key of reCAPTCHA Enterprise, by which the page shows that it is ours; empty for no App Check. */
  appCheckKey: string;
  sessionHours: number;
}

export const BUILT: Setup = __CONSOLE__;
