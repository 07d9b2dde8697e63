import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const settings = readFileSync(new URL("../crm.toml", import.meta.url), "utf8");
const region = /^region = "([\w-]+)"/m.exec(settings)?.[1];
const timeZone = /^time_zone = "([\w/+-]+)"/m.exec(settings)?.[1] ?? "UTC";
if (!region) throw new Error("crm.toml names no region.");

export default defineConfig({
  plugins: [react()],
  define: { __REGION__: JSON.stringify(region), __TIME_ZONE__: JSON.stringify(timeZone) },
  test: { setupFiles: ["src/words/setup.ts"] },
  // Each screen is a file of its own; what is left in the first one are the libraries that all need.
  build: { target: "es2022", chunkSizeWarningLimit: 1500 },
});
