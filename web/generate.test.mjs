import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generated, inPackage } from "./generate.mjs";

test("the TypeScript client is made from clients/openapi.json; else: npm run generate", async () => {
  for (const [name, text] of Object.entries(await generated()))
    expect(await readFile(inPackage(name), "utf-8"), name).toBe(text);
}, 60_000);
