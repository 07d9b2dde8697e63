import { getFunctions, httpsCallable } from "firebase/functions";

export async function spentBy(app, email) {
  const functions = getFunctions(app, "us-central1"); // the `region` of crm.toml
  const getCustomer = httpsCallable(functions, "get_customer");
  try {
    const { data } = await getCustomer({ email });
    return data.customer.totalSpend; // { USD: 12990 }: 129.90 USD
  } catch (error) {
    console.log(error.code, error.details?.reason, error.message);
    return null;
  }
}
