/** `call` is httpsCallable(functions, "export_customer") or (functions, "export_my_data"). */
export async function wholeArchive(call, who = {}) {
  let { data } = await call(who);
  const { archive } = data;
  while (data.nextPageToken) {
    ({ data } = await call({ ...who, pageToken: data.nextPageToken }));
    for (const [key, value] of Object.entries(data.archive)) {
      archive[key] = Array.isArray(value) ? [...archive[key], ...value] : value;
    }
  }
  return archive;
}
