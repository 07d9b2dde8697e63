import { httpsCallable } from "firebase/functions";

/** `transport` is what nodemailer.createTransport gives. */
export async function sendTo(functions, transport, { customerId, to, subject, text }) {
  const { data } = await httpsCallable(functions, "get_unsubscribe_headers")({ customerId });
  const whole = `${text}\n\n${data.url}`;
  await transport.sendMail({ to, subject, text: whole, headers: data.headers });
}
