const FUNCTION = "https://us-central1-my-app.cloudfunctions.net/export_segment_csv";

/** `user` is auth.currentUser. */
export async function newsletterList(user, segmentId) {
  const url = new URL(FUNCTION);
  url.searchParams.set("segmentId", segmentId);
  const token = await user.getIdToken();
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error((await answer.json()).error.message);
  return await answer.blob(); // rejects where the list was cut
}
