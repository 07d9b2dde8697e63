// Types of all calls, of what they take and answer, from clients/openapi.json. `npm run generate`
// writes them to src/api/generated.ts; src/api/generated.test.ts fails where that is stale.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const DOCUMENT = new URL("../clients/openapi.json", import.meta.url);
export const FILE = new URL("src/api/generated.ts", import.meta.url);
const BANNER = "// Made from clients/openapi.json by `npm run generate`: change nothing here.";

/** What is said of sizes is no type; of `maxItems` the compiler would make a union of tuples. */
const SIZES = ["maxItems", "minItems"];

const object = (properties) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});

/** The schema of an object that has each call by its name, with its `request` and its `answer`. */
function schemaOf({ paths, components }) {
  const schemaIn = (place) => place.content["application/json"].schema.properties;
  const calls = Object.values(paths).map(({ post }) => [
    post.operationId,
    object({
      request: schemaIn(post.requestBody).data,
      answer: schemaIn(post.responses[200]).result,
    }),
  ]);
  const schema = {
    ...object(Object.fromEntries(calls)),
    description: "Every call by its name.",
    $defs: components.schemas,
  };
  const text = JSON.stringify(schema, (key, value) => (SIZES.includes(key) ? undefined : value));
  return JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/"));
}

export async function generated() {
  const document = JSON.parse(await readFile(DOCUMENT, "utf-8"));
  return compile(schemaOf(document), "Calls", {
    additionalProperties: false,
    bannerComment: BANNER,
    style: { printWidth: 100 },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(FILE, await generated());
