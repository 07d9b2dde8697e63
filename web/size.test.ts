import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

interface Chunk {
  file: string;
  imports?: string[];
}

const HERE = import.meta.dirname;
const built = mkdtempSync(join(tmpdir(), "console-"));
let manifest: Record<string, Chunk> = {};

beforeAll(() => {
  const vite = join(HERE, "node_modules", "vite", "bin", "vite.js");
  const options = ["--outDir", built, "--emptyOutDir", "--manifest", "--logLevel", "error"];
  const env = { ...process.env, NODE_ENV: "production" };
  execFileSync(process.execPath, [vite, "build", ...options], { cwd: HERE, env });
  manifest = JSON.parse(readFileSync(join(built, ".vite", "manifest.json"), "utf8"));
}, 600_000);

afterAll(() => rmSync(built, { recursive: true }));

/** The scripts that are fetched for these, by what they import and not by what they may fetch later. */
function scriptsOf(names: string[]): Set<string> {
  const seen = new Set<string>();
  const files = new Set<string>();
  const add = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const chunk = manifest[name];
    if (!chunk) throw new Error(`Nothing is built of ${name}.`);
    files.add(chunk.file);
    for (const other of chunk.imports ?? []) add(other);
  };
  for (const name of names) add(name);
  return files;
}

/** Kilobytes of scripts, as they are sent. */
const kilobytes = (files: Set<string>) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(built, file))).length, 0) /
  1000;

const SIGN_IN = ["index.html"];
const FIRST_SCREEN = [...SIGN_IN, "src/app/Routing.tsx", "src/screens/home/Home.tsx"];

test.each(["en", "de"])(
  "the sign-in and the first screen are as small as they shall be: %s",
  (language) => {
    const words = `src/words/${language}.json?first`;
    const before = kilobytes(scriptsOf([...SIGN_IN, words]));
    const first = kilobytes(scriptsOf([...FIRST_SCREEN, words]));
    console.info(
      `${language}: ${before.toFixed(0)} kB before the sign-in, ${first.toFixed(0)} kB with Home`,
    );
    expect(before).toBeLessThan(200);
    expect(first).toBeLessThan(250);
  },
);

test("Firestore's SDK, App Check and menus wait until somebody needs them", () => {
  const first = scriptsOf(FIRST_SCREEN);
  for (const later of [
    "src/documents.ts",
    "src/appCheck.ts",
    "src/app/Menus.tsx",
    "src/app/Search.tsx",
  ]) {
    expect(manifest[later]?.file).toBeDefined();
    expect(first).not.toContain(manifest[later]?.file);
  }
});
