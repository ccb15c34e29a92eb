import { describe, expect, it } from "vitest";
import { splitBlocks } from "@/lib/chat/blocks";

const SAMPLES: Record<string, string[]> = {
  "paragraphs are blocks": ["One\ntwo\n\n", "Three"],
  "a heading without a blank line stays with its text": ["# A\ntext\n\n", "more"],
  "a fence keeps its blank lines": ["Before\n\n", "```py\na = 1\n\nb = 2\n```\n\n", "After"],
  "a longer fence holds a shorter one": ["````md\n```\n\nx\n```\n\n````\n\n", "After"],
  "tildes don't close backticks": ["```\n~~~\n\nx\n```\n\n", "After"],
  "an unfinished fence goes to the end": ["Text\n\n", "```js\nlet a;\n\nlet b;\n\n"],
  "a loose list stays whole, with its inner blocks": [
    "1. a\n\n   ```sh\n   ls\n\n   pwd\n   ```\n\n2. b\n\n   - c\n\n",
    "After",
  ],
  "an item that begins with a fence": ["- ```sh\n  ls\n\n  pwd\n  ```\n\n", "After"],
  "inline code of three marks opens nothing": ["```a``` b\n\n", "After"],
  "a table is a block": ["Before\n\n", "| a | b |\n|---|---|\n| 1 | 2 |\n\n", "After"],
  "link definitions forbid any cut": ["See [x].\n\nText\n\n[x]: https://example.com\n"],
};

describe("splitting Markdown", () => {
  for (const [name, blocks] of Object.entries(SAMPLES)) {
    it(name, () => expect(splitBlocks(blocks.join(""))).toEqual(blocks));
  }

  it("never loses or adds a character, wherever the stream has got to", () => {
    const source = Object.values(SAMPLES).flat().join("");
    for (let end = 0; end <= source.length; end += 1) {
      const prefix = source.slice(0, end);
      expect(splitBlocks(prefix).join("")).toBe(prefix);
    }
  });

  it("keeps every finished block as the text grows: that is what makes memoising work", () => {
    const source = Object.entries(SAMPLES)
      .filter(([name]) => !name.startsWith("link") && !name.startsWith("an unfinished"))
      .map(([, blocks]) => `${blocks.join("")}\n\n`)
      .join("");
    let before: string[] = [];
    for (let end = 1; end <= source.length; end += 1) {
      const blocks = splitBlocks(source.slice(0, end));
      expect(blocks.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
      before = blocks;
    }
  });
});
