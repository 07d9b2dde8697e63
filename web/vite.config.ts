import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { FIRST } from "./src/words/first.ts";

/** Where a console runs, such as `crm console` on a suite: `npm run dev` takes the settings and the project of it. */
const RUNNING = process.env.CRM_CONSOLE ?? "http://localhost:8790";

const SETTINGS = /(<script type="application\/json" id="crm-settings">)[^<]*(<\/script>)/;

/** While the console is worked on, it is told what a running one is told. A build is told nothing: who installs it
 * writes that into the page (`crm console --write`). */
const settingsOfRunning = (): Plugin => ({
  name: "settings-of-running",
  apply: "serve",
  async transformIndexHtml(page) {
    const running = await fetch(RUNNING).catch(() => null);
    const said = SETTINGS.exec((await running?.text()) ?? "");
    if (!said) throw new Error(`No console runs at ${RUNNING}: name one by CRM_CONSOLE.`);
    return page.replace(SETTINGS, () => said[0]);
  },
});

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
  // Wherever the console is served from: the page's own links are made absolute when it is written.
  base: "./",
  plugins: [wordsInParts(), settingsOfRunning(), react()],
  server: { proxy: { "/__": { target: RUNNING, changeOrigin: true } } },
  // Of the sources, as they are; its Firebase SDK is that of this folder.
  resolve: { alias: { "crm-lite-client": CLIENT }, dedupe: ["firebase"] },
  test: { setupFiles: ["src/words/setup.ts"] },
  // Each screen is a file of its own; what is left in the first one are the libraries that all need.
  build: { target: "es2022", chunkSizeWarningLimit: 1500 },
});
