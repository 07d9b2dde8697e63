import { FirebaseError } from "firebase/app";
import { expect, expectTypeOf, test } from "vitest";
import type { Backend } from "../firebase";
import en from "../words/en.json";
import { call, refusalOf } from "./calls";

const refused = (reason: string, message: string) =>
  refusalOf(Object.assign(new FirebaseError("functions/x", message), { details: { reason } }));

test("a refusal is said in words of the page where the server's are a programmer's", () => {
  const { message, reason } = refused("held", "An admin may go on with force: true.");
  expect(reason).toBe("held");
  expect(message).toBe(en.refusals.reasons.held);
});

test("any other refusal is said as the server says it", () => {
  expect(refused("name-invalid", "Choose another name. [400]").message).toBe(
    "Choose another name.",
  );
});

test("no words of the page are a programmer's", () => {
  for (const words of Object.values(en.refusals.reasons))
    expect(words).not.toMatch(/`|_|: (true|false)|python/);
});

/** Never called: `npm run types` reads it. */
async function typed(backend: Backend) {
  const { tags, nextPageToken } = await call(backend, "list_tags");
  expectTypeOf(tags).toEqualTypeOf<{ tag: string; label: string; customers: number }[]>();
  expectTypeOf(nextPageToken).toEqualTypeOf<string | null>();
  await call(backend, "tag_customers", { customerIds: ["c1"], add: ["VIP"], remove: null });
  await call(backend, "count_segment", { segment: "tag:vip" });
  await call(backend, "count_segment", { segment: { tag: "vip" } });
  // @ts-expect-error: there is no such call
  await call(backend, "list_tag");
  // @ts-expect-error: it must be told whom
  await call(backend, "get_job");
  // @ts-expect-error: it takes no such key
  await call(backend, "get_job", { jobId: "j1", id: "j1" });
  // @ts-expect-error: it takes a text
  await call(backend, "get_job", { jobId: 1 });
}

test("a call takes and answers what its name stands for; tsc fails where a wrong one would pass", () => {
  expect(typed).toBeTypeOf("function");
});
