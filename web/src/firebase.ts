import { type FirebaseApp, type FirebaseOptions, initializeApp } from "firebase/app";
import {
  type Auth,
  browserLocalPersistence,
  browserPopupRedirectResolver,
  connectAuthEmulator,
  indexedDBLocalPersistence,
  initializeAuth,
} from "firebase/auth";
import { connectFunctionsEmulator, type Functions, getFunctions } from "firebase/functions";
import { confine, policyOf, reachOf } from "./confining";
import type { Documents } from "./documents";
import { type Emulators, SETTINGS, type Setup } from "./setup";
import { language, t } from "./words";

/** What of Firebase an account needs to show once more that it is itself. */
export interface Needs {
  popups: boolean;
  sms: boolean;
}

export interface Backend {
  /** The id of the Firebase project. */
  project: string;
  setup: Setup;
  auth: Auth;
  /** The documents of Firestore; its SDK is fetched for who asks first. */
  documents: () => Promise<Documents>;
  functions: Functions;
  /** Where HTTP functions answer, without a slash at the end. */
  origin: string;
  /** Hold the page to what the account that is signed in needs, until it is loaded again. */
  confine: (needs: Needs) => void;
  emulators: Emulators | null;
}

/** What the console's Firebase app is called: below a path of the host's site both keep who is signed in for the
 * same origin, and nobody is to leave the shop by leaving the console. */
const APP = "crm-lite";

/** What signing in and live documents need, of every project. */
const GOOGLE = ["identitytoolkit", "securetoken", "firestore"].map(
  (name) => `https://${name}.googleapis.com`,
);

/** What Hosting says of its project, at the same address for every path of a site; it does so where a web app of
 * the project is linked to the site. */
async function projectOfHosting(): Promise<FirebaseOptions> {
  const answer = await fetch("/__/firebase/init.json");
  const options: FirebaseOptions | null = answer.ok ? await answer.json().catch(() => null) : null;
  if (!options?.apiKey || !options.projectId) throw new Error(t("shared.noProject"));
  return options;
}

/** Connect to the project that Hosting serves this page for. The header that Hosting sends is the same for every
 * project, so the page confines itself to its own one's hosts, as soon as it knows it. */
export async function connect(): Promise<Backend> {
  const options = await projectOfHosting();
  const { region, emulators, console: setup } = SETTINGS;
  const project = options.projectId ?? "";
  const own = emulators
    ? [`http://${emulators.auth}`, `http://${emulators.firestore}`, emulators.functions]
    : [...GOOGLE, `https://${region}-${project}.cloudfunctions.net`];
  const windows = emulators ? `http://${emulators.auth}` : `https://${options.authDomain}`;
  const hold = ({ popups, sms }: Needs) => {
    const used = { popups: popups ? windows : null, sms, appCheck: setup.appCheckKey !== "" };
    const reach = reachOf(used);
    confine(policyOf({ ...reach, connections: [...reach.connections, ...own] }));
  };
  const popups = setup.signIn.some(({ id }) => id !== "password");
  hold({ popups, sms: true }); // whose second factor is an SMS is not known yet
  const app = initializeApp(options, APP);
  // Its SDK is fetched only where there is a key; every call after this shows that it comes from here.
  if (setup.appCheckKey) (await import("./appCheck")).guard(app, setup.appCheckKey);
  const auth = initializeAuth(app, {
    persistence: [indexedDBLocalPersistence, browserLocalPersistence],
    // It loads scripts of Google's, so it is there only where somebody needs it.
    popupRedirectResolver: popups ? browserPopupRedirectResolver : undefined,
  });
  auth.languageCode = language(); // of the mails and messages that it sends
  const functions = getFunctions(app, region);
  if (emulators) {
    connectAuthEmulator(auth, `http://${emulators.auth}`, { disableWarnings: true });
    const calls = new URL(emulators.functions);
    connectFunctionsEmulator(functions, calls.hostname, Number(calls.port));
  }
  return {
    project,
    setup,
    auth,
    documents: once(() => openDocuments(app, emulators?.firestore ?? null)),
    functions,
    origin: emulators ? `${emulators.functions}/${project}/${region}` : (own.at(-1) ?? ""),
    confine: hold,
    emulators,
  };
}

async function openDocuments(app: FirebaseApp, emulator: string | null): Promise<Documents> {
  const { Documents } = await import("./documents");
  return Documents.open(app, emulator);
}

/** Do something the first time that its result is asked for, and again only where it failed. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null;
  return () => {
    result ??= work().catch((error) => {
      result = null;
      throw error;
    });
    return result;
  };
}
