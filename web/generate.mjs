// The TypeScript client from clients/openapi.json: types of all calls, of what they take and answer,
// and a method for each. `npm run generate` writes it; generate.test.mjs fails where it is stale.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const PACKAGE = new URL("../clients/typescript/", import.meta.url);
const DOCUMENT = new URL("../clients/openapi.json", import.meta.url);
const BANNER =
  "// Made from clients/openapi.json by `npm run generate` in web/: change nothing here.";

/** What is said of sizes is no type; of `maxItems` the compiler would make a union of tuples. */
const SIZES = ["maxItems", "minItems"];

/** What is said of a key is not said of the type that it refers to. */
const saidHere = (value) =>
  value?.$ref && value.description
    ? { description: value.description, allOf: [{ $ref: value.$ref }] }
    : value;

const object = (properties) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});

const operations = ({ paths }) => Object.values(paths).map(({ post }) => post);
const schemaIn = (place) => place.content["application/json"].schema.properties;
const askedBy = (post) => schemaIn(post.requestBody).data;
const answeredBy = (post) => schemaIn(post.responses[200]).result;

/** The schema of an object that has each call by its name, with its `request` and its `answer`. */
function schemaOf(document) {
  const calls = operations(document).map((post) => [
    post.operationId,
    object({ request: askedBy(post), answer: answeredBy(post) }),
  ]);
  const schemas = { ...document.components.schemas };
  for (const name of ["Error", "RefusalReason"]) delete schemas[name]; // index.ts has them
  const schema = {
    ...object(Object.fromEntries(calls)),
    description: "Every call by its name.",
    $defs: schemas,
  };
  const text = JSON.stringify(schema, (key, value) =>
    SIZES.includes(key) ? undefined : saidHere(value),
  );
  return JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/"));
}

const methodOf = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const typeOf = ({ $ref }) => $ref.split("/").at(-1);

const WHO = {
  verified: "Whoever is signed in with a verified address",
  recent: "Whoever has signed in within the last five minutes, with a verified address",
};

/** A method of the client, with what an editor shows of it. */
function methodFor(post, { components }) {
  const asked = typeOf(askedBy(post));
  const optional = components.schemas[asked].required ? "" : "?";
  const who = WHO[post["x-role"]] ?? `Role: ${post["x-role"]}`;
  const recent = post["x-recent"] && !WHO[post["x-role"]] ? ", signed in within five minutes" : "";
  return `  /**
   * ${post.summary}
   *
   * ${who}${recent}. \`${post.operationId}\` in ${post.externalDocs.url.split("#")[0]}.
   */
  ${methodOf(post.operationId)}(data${optional}: ${asked}): Promise<${typeOf(answeredBy(post))}>;`;
}

const table = (name, type, what, rows) =>
  `/** ${what} */\nexport const ${name}: ${type} = {\n${rows.map(([key, value]) => `  ${key}: ${value},\n`).join("")}};\n`;

/** Files of the package by their names. */
export async function generated() {
  const document = JSON.parse(await readFile(DOCUMENT, "utf-8"));
  const posts = operations(document);
  const { description, "x-known": known } = document.components.schemas.RefusalReason;
  const types = await compile(schemaOf(document), "Calls", {
    additionalProperties: false,
    bannerComment: BANNER,
    style: { printWidth: 100 },
  });
  const calls = [
    types.replaceAll(" = {};", " = Record<string, never>;"),
    `/**\n * ${description}\n */\nexport type RefusalReason =\n${known.map((one) => `  | "${one}"`).join("\n")}\n  | (string & {});\n`,
    `/**\n * Every call as a method: its name in camel case.\n */\nexport interface Crm {\n${posts.map((post) => methodFor(post, document)).join("\n")}\n}\n`,
    table(
      "METHODS",
      "Record<keyof Crm, keyof Calls>",
      "The calls by the names of their methods.",
      posts.map(({ operationId }) => [methodOf(operationId), `"${operationId}"`]),
    ),
    table(
      "SECONDS",
      "Partial<Record<keyof Calls, number>>",
      "How long a function may take that may take longer than a minute.",
      posts
        .filter((post) => post["x-seconds"] !== 60)
        .map((post) => [post.operationId, post["x-seconds"]]),
    ),
  ].join("\n");
  const about = JSON.parse(await readFile(new URL("package.json", PACKAGE), "utf-8"));
  about.version = document.info.version;
  return { "src/calls.ts": calls, "package.json": `${JSON.stringify(about, null, 2)}\n` };
}

export const inPackage = (name) => new URL(name, PACKAGE);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(await generated()))
    await writeFile(inPackage(name), text);
}
