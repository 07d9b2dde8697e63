// A web app's calls: signs in with the Firebase JavaScript SDK, makes callable calls one after the
// other, and prints what came of each. Reads one JSON object from standard input:
//   { project, authOrigin, functionsHost, functionsPort, region, signIn: {email, password} | null,
//     calls: [{ name, data, whole }] }
// A call that is `whole` puts an archive together from its parts.
// In `data` the text "(undefined)" stands for undefined, which JSON cannot say.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { wholeArchive } from "../../../docs/samples/archive.mjs";

const require = createRequire(new URL("../../../suite/package.json", import.meta.url));
const { initializeApp } = require("firebase/app");
const { connectAuthEmulator, getAuth, signInWithEmailAndPassword } = require("firebase/auth");
const { connectFunctionsEmulator, getFunctions, httpsCallable } = require("firebase/functions");

const undefine = (value) => {
  if (value === "(undefined)") return undefined;
  if (Array.isArray(value) || value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, undefine(one)]));
};

const asked = JSON.parse(await text(process.stdin));
const app = initializeApp({ projectId: asked.project, apiKey: "any", appId: "1:1:web:1" });
const functions = getFunctions(app, asked.region);
connectFunctionsEmulator(functions, asked.functionsHost, asked.functionsPort);
if (asked.signIn) {
  const auth = getAuth(app);
  connectAuthEmulator(auth, asked.authOrigin, { disableWarnings: true });
  await signInWithEmailAndPassword(auth, asked.signIn.email, asked.signIn.password);
}

const results = [];
for (const { name, data, whole } of asked.calls) {
  const call = httpsCallable(functions, name);
  const answer = async () =>
    whole ? await wholeArchive(call, undefine(data)) : (await call(undefine(data))).data;
  try {
    results.push({ data: await answer() });
  } catch (error) {
    results.push({ code: error.code, message: error.message, details: error.details ?? null });
  }
}
process.stdout.write(JSON.stringify(results), () => process.exit(0)); // once a pipe has taken it all
