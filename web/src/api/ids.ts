/** Whether a text from an address can be the id of a document (the constraints on ids in Firestore's quotas). */
export function isDocumentId(text: string): boolean {
  if (text === "" || text === "." || text === ".." || text.includes("/")) return false;
  return !/^__.*__$/.test(text) && new TextEncoder().encode(text).length <= 1500;
}
