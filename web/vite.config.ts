import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { settingsOf } from "./settings.ts";
import { FIRST } from "./src/words/first.ts";

const settings = readFileSync(new URL("../crm.toml", import.meta.url), "utf8");
const built = settingsOf(settings);

const CLIENT = fileURLToPath(new URL("../clients/typescript/src/index.ts", import.meta.url));

/** A file of words in two parts: `?first` is what the first screen needs, `?rest` is what it does not. */
const wordsInParts = (): Plugin => ({
  name: "words-in-parts",
  enforce: "pre",
  load(id) {
    const [, file, part] = /^(.*\/words\/\w+\.json)\?(first|rest)$/.exec(id) ?? [];
    if (!file) return null;
    this.addWatchFile(file);
    const sections = Object.entries(JSON.parse(readFileSync(file, "utf8")));
    const wanted = sections.filter(([name]) => FIRST.includes(name) === (part === "first"));
    const code = `export default ${JSON.stringify(Object.fromEntries(wanted))}`;
    return { code, moduleType: "js" };
  },
});

export default defineConfig({
  plugins: [wordsInParts(), react()],
  // Of the sources, as they are; its Firebase SDK is that of this folder.
  resolve: { alias: { "crm-lite-client": CLIENT }, dedupe: ["firebase"] },
  define: {
    __REGION__: JSON.stringify(built.region),
    __TIME_ZONE__: JSON.stringify(built.timeZone),
    __CONSOLE__: JSON.stringify(built.console),
  },
  test: { setupFiles: ["src/words/setup.ts"] },
  // Each screen is a file of its own; what is left in the first one are the libraries that all need.
  build: { target: "es2022", chunkSizeWarningLimit: 1500 },
});
