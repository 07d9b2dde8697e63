// Runs samples of the documentation, copied beside this file: reads where the suite is and who signs in, and prints
// what each answers.
import { text } from "node:stream/consumers";
import { initializeApp } from "firebase/app";
import { connectAuthEmulator, getAuth, signInWithEmailAndPassword } from "firebase/auth";
import { connectFunctionsEmulator, getFunctions } from "firebase/functions";
import { spentBy } from "./get_customer.mjs";
import { myData } from "./my_data.mjs";
import { sendTo } from "./newsletter.mjs";
import { newsletterList } from "./newsletter_list.mjs";
import * as typed from "./typescript.js";

const asked = JSON.parse(await text(process.stdin));
const app = initializeApp({ projectId: asked.project, apiKey: "any", appId: "1:1:web:1" });
const functions = getFunctions(app, "us-central1");
connectFunctionsEmulator(functions, asked.functionsHost, asked.functionsPort);
const auth = getAuth(app);
connectAuthEmulator(auth, asked.authOrigin, { disableWarnings: true });
const { user } = await signInWithEmailAndPassword(auth, asked.email, asked.password);

const mails = [];
const transport = { sendMail: async (mail) => mails.push(mail) };
const { customerId, email, segment, segmentId } = asked;
const client = typed.client(app);
await sendTo(functions, transport, { customerId, to: email, subject: "News", text: "Hello" });
const told = {
  spent: await spentBy(app, email),
  nobody: await spentBy(app, `nobody.${email}`),
  typedSpent: await typed.spentBy(client, email),
  typedNobody: await typed.spentBy(client, `nobody.${email}`),
  ids: await typed.idsOf(client, segment),
  mails,
  list: await (await newsletterList(user, segmentId)).text(),
  mine: await myData(functions),
};
process.stdout.write(JSON.stringify(told), () => process.exit(0));
