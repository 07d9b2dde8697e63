import { expect, test } from "vitest";
import { sinceOf } from "./news";

test("news are those since the visit before, or of a day", () => {
  const now = Date.parse("2024-06-15T12:00:41.123Z");
  expect(sinceOf(Date.parse("2024-06-10T08:00:00Z"), now)).toBe("2024-06-10T08:00:00.000Z");
  expect(sinceOf(null, now)).toBe("2024-06-14T12:00:00.000Z");
});
