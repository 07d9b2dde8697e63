/** A mail's body in blocks, and the Markdown that it is saved as. */

export type Block =
  | { kind: "heading"; text: string }
  | { kind: "text"; text: string }
  | { kind: "button"; text: string; url: string }
  | { kind: "picture"; text: string; url: string }
  | { kind: "divider" };

export type Kind = Block["kind"];

export const KINDS: readonly Kind[] = ["heading", "text", "button", "picture", "divider"];

/** A new block of a kind. */
export function fresh(kind: Kind): Block {
  if (kind === "divider") return { kind };
  if (kind === "heading" || kind === "text") return { kind, text: "" };
  return { kind, text: "", url: "" };
}

const PLACEHOLDER = /(\{\{.*?\}\}|\{%.*?%\})/;

/** A text with what is outside of placeholders changed: in these a sign means what Liquid says. */
const outside = (text: string, change: (part: string) => string): string =>
  text
    .split(PLACEHOLDER)
    .map((part, at) => (at % 2 ? part : change(part)))
    .join("");

const line = (text: string): string => text.replace(/\s+/g, " ").trim();

const label = (text: string): string =>
  outside(line(text), (part) => part.replace(/[\\[\]]/g, "\\$&"));

const address = (url: string): string =>
  outside(line(url), (part) =>
    part.replace(/[\s()<>]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
  );

function written(block: Block): string {
  switch (block.kind) {
    case "heading":
      return line(block.text) && `# ${line(block.text)}`;
    case "text":
      return block.text.replace(/[ \t]*\n(?:[ \t]*\n)+/g, "\n\n").replace(/^\n+|\s+$/g, "");
    case "divider":
      return "---";
    case "picture":
      return label(block.text) || line(block.url)
        ? `![${label(block.text)}](${address(block.url)})`
        : "";
    default:
      return label(block.text) || line(block.url)
        ? `**[${label(block.text)}](${address(block.url)})**`
        : "";
  }
}

/** The Markdown of blocks. An empty block is not in it. */
export const markdownOf = (blocks: readonly Block[]): string =>
  blocks
    .map(written)
    .filter((one) => one.trim())
    .join("\n\n");

const LABEL = String.raw`((?:\{\{.*?\}\}|\{%.*?%\}|\\.|[^\\[\]])*)`;
const ADDRESS = String.raw`((?:\{\{.*?\}\}|\{%.*?%\}|[^\s()<>])*)`;
const BUTTON = new RegExp(String.raw`^\*\*\[${LABEL}\]\(${ADDRESS}\)\*\*$`);
const PICTURE = new RegExp(String.raw`^!\[${LABEL}\]\(${ADDRESS}\)$`);
const HEADING = /^# (?=\S)(.*)$/;

const unescaped = (text: string): string =>
  outside(text, (part) => part.replace(/\\([\\[\]])/g, "$1"));

function read(chunk: string): Block {
  const heading = HEADING.exec(chunk);
  if (heading) return { kind: "heading", text: heading[1] ?? "" };
  if (chunk === "---") return { kind: "divider" };
  const [kind, found] = BUTTON.test(chunk)
    ? (["button", BUTTON.exec(chunk)] as const)
    : (["picture", PICTURE.exec(chunk)] as const);
  if (!found) return { kind: "text", text: chunk };
  return { kind, text: unescaped(found[1] ?? ""), url: found[2] ?? "" };
}

const OPENS = ["if", "unless", "case", "for", "comment"];

/** Whether each tag of Liquid in a text ends there: a block that holds a half of one cannot be moved. */
function balanced(text: string): boolean {
  const open: string[] = [];
  for (const [, name = ""] of text.matchAll(/\{%-?\s*(\w+)/g)) {
    if (OPENS.includes(name)) open.push(name);
    else if (name.startsWith("end") && open.pop() !== name.slice(3)) return false;
  }
  return open.length === 0;
}

/** The blocks of Markdown; null where blocks cannot hold it: code between fences, or a condition around
 * several blocks. What has no block of its own, such as a list, is text. */
export function blocksOf(source: string): Block[] | null {
  if (/^ {0,3}(```|~~~)/m.test(source)) return null;
  const apart = source.replace(/\r\n?/g, "\n").replace(/^# .*$/gm, "\n\n$&\n\n");
  const blocks: Block[] = [];
  for (const chunk of apart.split(/\n[ \t]*\n(?:[ \t]*\n)*/)) {
    const text = chunk.replace(/^\n+|\s+$/g, "");
    if (!text) continue;
    const block = read(text);
    const last = blocks.at(-1);
    if (block.kind === "text" && last?.kind === "text") last.text += `\n\n${block.text}`;
    else blocks.push(block);
  }
  return blocks.every((block) => balanced(markdownOf([block]))) ? blocks : null;
}

/** Which block a line of their Markdown belongs to, the first one being 0; null where it is none's. */
export function blockAt(blocks: readonly Block[], lineNumber: number): number | null {
  let next = 1;
  for (const [at, block] of blocks.entries()) {
    const text = written(block);
    if (!text.trim()) continue;
    const end = next + text.split("\n").length;
    if (lineNumber < end) return lineNumber >= next ? at : null;
    next = end + 1;
  }
  return null;
}

/** A text with another one put in the place of what is selected, and where the caret is then. */
export function inserted(text: string, from: number, to: number, what: string) {
  return { text: text.slice(0, from) + what + text.slice(to), caret: from + what.length };
}

/** A text with marks such as ** around what is selected. */
export function wrapped(text: string, from: number, to: number, mark: string) {
  const inner = text.slice(from, to);
  return {
    text: text.slice(0, from) + mark + inner + mark + text.slice(to),
    caret: inner ? to + 2 * mark.length : from + mark.length,
  };
}
