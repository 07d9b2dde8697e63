// Calls by the TypeScript client with the real SDK. The first line of standard input says where the suite is and
// who signs in, if anybody; each one after it is a call `{ method, data }`, and is answered by a line.
import { createInterface } from "node:readline";
import { crm, Refusal } from "crm-lite-client";
import { initializeApp } from "firebase/app";
import { connectAuthEmulator, getAuth, signInWithEmailAndPassword } from "firebase/auth";
import { connectFunctionsEmulator, getFunctions } from "firebase/functions";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const where = JSON.parse((await lines.next()).value);
const app = initializeApp({ projectId: where.project, apiKey: "any", appId: "1:1:web:1" });
const functions = getFunctions(app, where.region);
connectFunctionsEmulator(functions, where.functionsHost, where.functionsPort);
if (where.email) {
  const auth = getAuth(app);
  connectAuthEmulator(auth, where.authOrigin, { disableWarnings: true });
  await signInWithEmailAndPassword(auth, where.email, where.password);
}
const client = crm(functions);

for await (const line of lines) {
  const { method, data } = JSON.parse(line);
  let told;
  try {
    told = { answer: await client[method](data) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, reason, message, details } = error;
    told = { refusal: { code, reason, message, details } };
  }
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
process.exit(0);
