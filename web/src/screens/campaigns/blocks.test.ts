import { expect, test } from "vitest";
import { type Block, blockAt, blocksOf, inserted, markdownOf, wrapped } from "./blocks";

const heading = (text: string): Block => ({ kind: "heading", text });
const text = (words: string): Block => ({ kind: "text", text: words });
const button = (words: string, url: string): Block => ({ kind: "button", text: words, url });
const picture = (words: string, url: string): Block => ({ kind: "picture", text: words, url });
const divider: Block = { kind: "divider" };

const BOTH: [string, Block[], string][] = [
  ["nothing", [], ""],
  ["a heading", [heading("See you")], "# See you"],
  ["paragraphs", [text("One\n\nTwo")], "One\n\nTwo"],
  ["a list", [text("- one\n- two\n\n  more")], "- one\n- two\n\n  more"],
  ["a button", [button("Buy", "https://a.example/?b=c")], "**[Buy](https://a.example/?b=c)**"],
  [
    "brackets",
    [button("a [b] \\ c", "https://a.example")],
    "**[a \\[b\\] \\\\ c](https://a.example)**",
  ],
  [
    "a placeholder in a label keeps its signs",
    [button('Hi {{ name | default: "[x]" }}', "https://a.example")],
    '**[Hi {{ name | default: "[x]" }}](https://a.example)**',
  ],
  [
    "a placeholder as an address",
    [button("Leave", "{{ unsubscribe_link }}")],
    "**[Leave]({{ unsubscribe_link }})**",
  ],
  [
    "a picture",
    [picture("A boat", "https://a.example/b.png")],
    "![A boat](https://a.example/b.png)",
  ],
  ["a divider", [text("Up"), divider, text("Down")], "Up\n\n---\n\nDown"],
  [
    "a condition within a text",
    [text("{% if registered %}\n\nHello\n\n{% endif %}")],
    "{% if registered %}\n\nHello\n\n{% endif %}",
  ],
  ["a second heading is text", [heading("A"), text("## B")], "# A\n\n## B"],
];

test.each(BOTH)("%s in blocks and as Markdown", (_, blocks, source) => {
  expect(markdownOf(blocks)).toBe(source);
  expect(blocksOf(source)).toEqual(blocks);
});

test.each<[string, Block[]]>([
  ["# A\nright below", [heading("A"), text("right below")]],
  ["\n\n\nA \n \n\nB\r\n", [text("A\n\nB")]],
  ["#no heading", [text("#no heading")]],
  ["**[a](https://a.example)** and more", [text("**[a](https://a.example)** and more")]],
  ["***", [text("***")]],
])("%j is read as it is meant", (source, blocks) => {
  expect(blocksOf(source)).toEqual(blocks);
});

test.each([
  ["```\n# no heading\n```"],
  ["{% if registered %}\n\n# Hello\n\n{% endif %}"],
  ["# A {% if registered %}\n\nB {% endif %}"],
  ["{% for event in events %}\n\n---\n\n{% endfor %}"],
])("%j is more than blocks can hold", (source) => {
  expect(blocksOf(source)).toBeNull();
});

test("what would break a link's address is written in percents", () => {
  const source = markdownOf([button("A", "https://a.example/a b(c)<d>")]);
  expect(source).toBe("**[A](https://a.example/a%20b%28c%29%3Cd%3E)**");
});

test("empty blocks are not written", () => {
  expect(markdownOf([heading(" "), text("\n"), button("", ""), picture("", " ")])).toBe("");
});

const PARTS = [
  "a",
  " ",
  "[",
  "]",
  "\\",
  "(",
  ")",
  "*",
  "#",
  "-",
  "\n",
  "\n\n",
  "!",
  "<b>",
  "é",
  "{{ name }}",
];

test("random blocks survive the way to Markdown and back", () => {
  let seed = 20;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const some = (most: number) =>
    Array.from({ length: random(most) }, () => PARTS[random(PARTS.length)]).join("");
  const dense = (source: string) => source.replace(/\s*\n\s*/g, "\n");
  for (let turn = 0; turn < 3000; turn += 1) {
    const blocks = Array.from({ length: random(6) }, (): Block => {
      const kind = (["heading", "text", "button", "picture", "divider"] as const)[random(5)];
      if (kind === "divider") return divider;
      if (kind === "heading" || kind === "text") return { kind, text: some(9) };
      return { kind: kind ?? "button", text: some(9), url: some(5) };
    });
    const source = markdownOf(blocks);
    const back = blocksOf(source);
    expect(back, source).not.toBeNull();
    const again = markdownOf(back ?? []);
    expect(dense(again), JSON.stringify(blocks)).toBe(dense(source)); // at most blank lines are new
    expect(markdownOf(blocksOf(again) ?? []), JSON.stringify(blocks)).toBe(again);
  }
});

test.each([
  [1, 0],
  [2, null],
  [3, 2],
  [5, 2],
  [7, 3],
  [8, null],
])("line %i belongs to block %j", (at, block) => {
  const blocks = [heading("A"), text(""), text("one\n\ntwo"), divider];
  expect(blockAt(blocks, at)).toBe(block);
});

test("what is chosen in a menu stands where the caret was", () => {
  expect(inserted("Hi !", 3, 3, "{{ name }}")).toEqual({ text: "Hi {{ name }}!", caret: 13 });
  expect(inserted("Hi you!", 3, 6, "me")).toEqual({ text: "Hi me!", caret: 5 });
});

test("what is selected is marked", () => {
  expect(wrapped("a b c", 2, 3, "**")).toEqual({ text: "a **b** c", caret: 7 });
  expect(wrapped("ab", 1, 1, "*")).toEqual({ text: "a**b", caret: 2 });
});
