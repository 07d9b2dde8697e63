import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { FILE, generated } from "./generate.mjs";

test("the types of calls are those of clients/openapi.json; else: npm run generate", async () => {
  expect(await readFile(FILE, "utf-8")).toBe(await generated());
}, 60_000);
