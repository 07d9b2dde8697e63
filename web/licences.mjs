// Lists what the console is built from, with licences, and how large the build is.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const { packages } = JSON.parse(
  readFileSync(new URL("package-lock.json", import.meta.url), "utf8"),
);
const shipped = Object.entries(packages).filter(([path, one]) => path && !one.dev);
for (const [path, { version, license }] of shipped) {
  console.log(`${path.replace(/^.*node_modules\//, "")} ${version}: ${license ?? "not stated"}`);
}
const missing = shipped.filter(([, one]) => !one.license);

const folder = new URL("dist/assets/", import.meta.url);
let plain = 0;
let zipped = 0;
for (const name of readdirSync(folder)) {
  const content = readFileSync(new URL(name, folder));
  plain += content.length;
  zipped += gzipSync(content).length;
}
const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;
console.log(
  `${shipped.length} packages. The build: ${kilobytes(plain)}, ${kilobytes(zipped)} zipped.`,
);
if (missing.length) process.exitCode = 1;
