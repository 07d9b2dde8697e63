import { expect, test } from "vitest";

/** The floors of the console, the lowest first. A room is a file here or a folder, and each screen is
 * one: it imports rooms of lower floors, never beside or above itself. */
const FLOORS = [
  ["appCheck", "confining", "currencies", "documents", "setup", "words"],
  ["firebase"],
  ["backend"],
  ["api"],
  ["format", "session"],
  ["ui"],
  ["jobs", "segments"],
  ["people"],
  ["audit"],
  ["screens"],
  ["app"],
  ["main"],
];

/** The text of files by their paths in src. */
type Sources = Record<string, string>;

const topOf = (path: string) => path.split(/[/.]/)[0] ?? "";

const roomOf = (path: string) =>
  topOf(path) === "screens" ? path.split("/").slice(0, 2).join("/") : topOf(path);

const floorOf = (path: string) => FLOORS.findIndex((rooms) => rooms.includes(topOf(path)));

/** The files of src that a file imports, be it for types alone or later. */
function importsOf(path: string, sources: Sources): string[] {
  const found = (sources[path] ?? "").matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found]
    .map(([, target = ""]) => new URL(target, `file:///${path}`).pathname.slice(1))
    .filter((target) => !/\.(css|json)$/.test(target))
    .map((target) => {
      const file = [target, `${target}.ts`, `${target}.tsx`].find((name) => name in sources);
      if (!file) throw new Error(`${path} imports ${target}, which is no file.`);
      return file;
    });
}

/** The imports that lead beside or above the room they are in. */
function wrongImports(sources: Sources): string[] {
  return Object.keys(sources).flatMap((path) =>
    importsOf(path, sources)
      .filter((target) => roomOf(target) !== roomOf(path) && floorOf(target) >= floorOf(path))
      .map((target) => `${path} -> ${target}`),
  );
}

/** The files that import each other in a circle, each circle once. */
function circles(sources: Sources): string[] {
  const found: string[] = [];
  const left = new Set<string>();
  const enter = (path: string, way: string[]) => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path].join(" -> "));
    if (left.has(path) || way.includes(path)) return;
    for (const target of importsOf(path, sources)) enter(target, [...way, path]);
    left.add(path);
  };
  for (const path of Object.keys(sources)) enter(path, []);
  return found;
}

const files = import.meta.glob<string>(["./**/*.{ts,tsx}", "!./**/*.d.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});
const sources: Sources = Object.fromEntries(
  Object.entries(files).map(([path, text]) => [path.slice(2), text]),
);

test("every file has its floor, and every floor has files", () => {
  const homeless = Object.keys(sources).filter((path) => floorOf(path) < 0);
  expect(homeless).toEqual([]);
  expect([...new Set(Object.keys(sources).map(topOf))].sort()).toEqual(FLOORS.flat().sort());
});

test("every screen has a folder of its own", () => {
  expect(Object.keys(sources).filter((path) => /^screens\/[^/]*$/.test(path))).toEqual([]);
});

test("no import leads beside or above its own room", () => {
  expect(wrongImports(sources)).toEqual([]);
});

test("no files import each other in a circle", () => {
  expect(circles(sources)).toEqual([]);
});

test("whatever is done is a deed: at once or not at all, and never later", () => {
  const users = Object.keys(sources).filter((path) => /\buseMutation\b/.test(sources[path] ?? ""));
  expect(users.filter((path) => !path.startsWith("architecture"))).toEqual(["api/deeds.ts"]);
});

const small: Sources = { "api/calls.ts": "", "ui/Card.tsx": "", "screens/tags/Tags.tsx": "" };

test.each([
  ["api/live.ts", 'import { Card } from "../ui/Card";', "ui/Card.tsx"],
  ["api/live.ts", 'import type {\n  Card,\n} from "../ui/Card";', "ui/Card.tsx"],
  ["api/live.ts", 'export * from "../ui/Card";', "ui/Card.tsx"],
  ["api/live.ts", 'const card = import("../ui/Card");', "ui/Card.tsx"],
  ["api/live.ts", 'import "../ui/Card";', "ui/Card.tsx"],
  ["segments/builder.ts", 'import { Status } from "../jobs/Status";', "jobs/Status.ts"],
  ["screens/jobs/Jobs.tsx", 'import Tags from "../tags/Tags";', "screens/tags/Tags.tsx"],
  ["session.ts", 'import { day } from "./format";', "format.ts"],
])("a wrong import is seen: in %s, %s", (path, text, target) => {
  const wrong = wrongImports({ "jobs/Status.ts": "", "format.ts": "", ...small, [path]: text });
  expect(wrong).toEqual([`${path} -> ${target}`]);
});

test.each([
  ["ui/Confirm.tsx", 'import { Card } from "./Card";'],
  ["ui/Confirm.tsx", 'import { call } from "../api/calls";'],
  ["screens/tags/Rename.tsx", 'import Tags from "./Tags";'],
  ["main.tsx", 'import "./main.css";\nimport { useState } from "react";'],
])("an import downwards or within a room is free: in %s, %s", (path, text) => {
  expect(wrongImports({ ...small, [path]: text })).toEqual([]);
});

test("a circle is seen, also within a room", () => {
  const round = {
    "ui/A.tsx": 'import { B } from "./B";',
    "ui/B.tsx": 'import { C } from "./C";',
    "ui/C.tsx": 'import { B } from "./B";',
  };
  expect(circles(round)).toEqual(["ui/B.tsx -> ui/C.tsx -> ui/B.tsx"]);
});

test("an import of no file is an error, lest it be overlooked", () => {
  expect(() => wrongImports({ "main.tsx": 'import "./gone";' })).toThrow("main.tsx imports gone");
});
