import { type FirebaseApp, type FirebaseOptions, initializeApp } from "firebase/app";
import {
  type Auth,
  browserLocalPersistence,
  connectAuthEmulator,
  indexedDBLocalPersistence,
  initializeAuth,
} from "firebase/auth";
import { connectFunctionsEmulator, type Functions, getFunctions } from "firebase/functions";
import type { Documents } from "./documents";

/** What a local suite writes into its copy of the page; a deployed page has none of it. */
export interface LocalSuite {
  auth: string;
  firestore: string;
  functions: string;
  accounts: { email: string; password: string; role: string }[];
}

export interface Backend {
  /** The id of the Firebase project. */
  project: string;
  auth: Auth;
  /** The documents of Firestore; its SDK is fetched for who asks first. */
  documents: () => Promise<Documents>;
  functions: Functions;
  /** Where HTTP functions answer, without a slash at the end. */
  origin: string;
  suite: LocalSuite | null;
}

function localSuite(): LocalSuite | null {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="crm-suite"]');
  return meta ? (JSON.parse(meta.content) as LocalSuite) : null;
}

/** What signing in and live documents need, of every project. */
const GOOGLE = ["identitytoolkit", "securetoken", "firestore"].map(
  (name) => `https://${name}.googleapis.com`,
);

/** Let the page reach these alone from now on. The header that Hosting sends is the same for every project, so it
 * allows the functions of all of them; both hold. */
function confine(origins: string[]): void {
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = `connect-src 'self' ${origins.join(" ")}`;
  document.head.append(meta);
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

/** Connect to the project that Hosting serves this page for. */
export async function connect(): Promise<Backend> {
  const answer = await fetch("/__/firebase/init.json");
  if (!answer.ok) throw new Error("Hosting did not say which Firebase project this is.");
  const options = (await answer.json()) as FirebaseOptions;
  const app = initializeApp(options);
  // Without a popup resolver, so that nothing is loaded from elsewhere.
  const persistence = [indexedDBLocalPersistence, browserLocalPersistence];
  const auth = initializeAuth(app, { persistence });
  const functions = getFunctions(app, __REGION__);
  const suite = localSuite();
  const project = options.projectId ?? "";
  const documents = once(() => openDocuments(app, suite?.firestore ?? null));
  if (!suite) {
    const origin = `https://${__REGION__}-${project}.cloudfunctions.net`;
    confine([...GOOGLE, origin]);
    return { project, auth, documents, functions, origin, suite };
  }
  confine([`http://${suite.auth}`, `http://${suite.firestore}`, suite.functions]);
  connectAuthEmulator(auth, `http://${suite.auth}`, { disableWarnings: true });
  const calls = new URL(suite.functions);
  connectFunctionsEmulator(functions, calls.hostname, Number(calls.port));
  const origin = `${suite.functions}/${project}/${__REGION__}`;
  return { project, auth, documents, functions, origin, suite };
}
