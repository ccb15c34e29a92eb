import { describe, expect, it } from "vitest";
import { outlineOf } from "@/components/markdown/headings";
import { MATH } from "@/components/markdown/math";
import { oncePerBlock, splitBlocks } from "@/lib/chat/blocks";
import { joined, levelOf, openBefore } from "@/lib/chat/outline";
import { shown } from "./shown";

/** The headings of an answer as the page shows them: "2:3 Paris" is an `<h2>` that was written as `###`. */
function headings(source: string, streaming = false): string[] {
  const found = shown([source], { streaming }).matchAll(
    /<h([1-6])[^>]* data-depth="(\d)"[^>]*>(.*?)<\/h\1>/g,
  );
  return [...found].map(([, level, depth, text]) => `${level}:${depth} ${text}`);
}

/** An answer with everything that looks like a heading, and is one or isn't. */
const ANSWER = `### A

Text
#### B
* * *

###### C

> ##### D
>
> text

- # E

  text

  ### F

Setext *G*
===

H
-

\`\`\`sh
# no heading

## nor this
\`\`\`

| a |
|---|
| # |

<h1>nor this</h1>

###### I ######

##

#### J
`;

describe("the headings of an answer", () => {
  it.each<[depths: string, levels: string]>([
    ["1", "2"],
    ["3", "2"],
    ["24", "23"],
    ["26464", "23343"],
    ["321", "222"],
    ["3461423", "2342334"],
    ["123456", "234566"],
    ["1234566", "2345666"],
  ])("as deep as %s are of the levels %s", (depths, levels) => {
    const source = [...depths].map((depth) => `${"#".repeat(Number(depth))} x`).join("\n\n");
    expect(headings(source).map(([level]) => level)).toEqual([...levels]);
    expect(headings(source.replaceAll("\n\n", "\n")).map(([level]) => level)).toEqual([...levels]);
  });

  it("keep the depth that was written, in quotes and lists too, and code and HTML are none", () => {
    expect(headings(ANSWER)).toEqual([
      "2:3 A",
      "3:4 B",
      "4:6 C",
      "4:5 D",
      "2:1 E",
      "3:3 F",
      "2:1 Setext <em>G</em>",
      "3:2 H",
      "4:6 I",
      "4:4 J",
    ]);
  });

  it("never pass over a level, wherever the stream has got to", () => {
    for (let end = 0; end <= ANSWER.length; end += 3) {
      let last = 1;
      for (const heading of headings(ANSWER.slice(0, end), true)) {
        const level = Number(heading[0]);
        expect(level, ANSWER.slice(0, end)).toBeGreaterThan(1);
        expect(level, ANSWER.slice(0, end)).toBeLessThanOrEqual(last + 1);
        last = level;
      }
    }
  });

  it("that hold a picture's name or HTML as text are some, those without a word are none", () => {
    expect(headings("# <b>\n\n## ![a](b)\n\n#\n\n## &nbsp;\n\n### c")).toHaveLength(3);
  });

  it("begin anew in each answer, and that of footnotes is one of them", () => {
    const source = "### A\n\nb[^1]\n\n##### C\n\n[^1]: # D\n";
    expect(headings(source)).toEqual([
      "2:3 A",
      "3:5 C",
      "2:2 Footnotes",
      expect.stringMatching("2:1 D"),
    ]);
  });
});

describe("what is open where a block begins", () => {
  const blocks = splitBlocks(ANSWER);

  it("is what the blocks before it opened and nothing ended", () => {
    expect(openBefore(["3", "46", "", "5", "1", "2"], (block) => block)).toEqual([
      "",
      "3",
      "346",
      "346",
      "345",
      "1",
    ]);
    expect(joined("246", "35")).toBe("235");
    expect(levelOf("123456")).toBe(6);
  });

  it("stays as it is while the answer grows, so no block is shown again for it", () => {
    let before: string[] = [];
    for (let end = 1; end <= ANSWER.length; end += 1) {
      const open = openBefore(splitBlocks(ANSWER.slice(0, end)), (block) => outlineOf(block, []));
      expect(open.slice(0, before.length)).toEqual(before);
      before = open;
    }
    expect(before).toHaveLength(blocks.length);
  });

  it("costs one reading of each finished block, however many tokens come", () => {
    const read: string[] = [];
    const once = oncePerBlock((block) => {
      read.push(block);
      return "";
    });
    for (let end = 1; end <= ANSWER.length; end += 1)
      openBefore(splitBlocks(ANSWER.slice(0, end)), once);
    expect(read).toEqual(blocks.slice(0, -1));
  });

  it("is found out anew where another answer is shown in its place", () => {
    const once = oncePerBlock((block) => block);
    expect([once("1", 0), once("2", 0), once("2", 1)]).toEqual(["1", "2", "2"]);
  });

  it("doesn't count a sign of equality in a formula as the line below a heading", () => {
    const formula = "$$\na\n=\nb\n$$\n";
    expect(outlineOf(formula, [])).toBe("1");
    expect(outlineOf(formula, MATH.remark)).toBe("");
  });
});

describe("code alone", () => {
  it("holds no headings, however its comments look", () => {
    expect(outlineOf("```python\n# a comment\nprint(1)\n```\n", [])).toBe("");
    expect(outlineOf("~~~\n# a comment\n~~~", [])).toBe("");
  });

  it.each([
    "```python\n# a comment\n```\n# A heading",
    "```\ncode\n```\n## A heading\n```\nmore\n```",
    "```a`\n# A heading\n```a`",
  ])("is not what only begins or ends like it: %j", (source) => {
    expect(outlineOf(source, [])).not.toBe("");
  });
});
