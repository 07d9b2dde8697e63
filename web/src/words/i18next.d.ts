import type en from "./en.json";

// What is asked for by a key that no language has does not compile.
declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    returnNull: false;
  }
}
