import { describe, expect, it } from "vitest";
import { rechunk } from "@/lib/chat/chunks";
import { estimatedHeight } from "@/lib/chat/estimate";

describe("messages in chunks", () => {
  const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map((text) => ({ text }));

  it("hold all messages in order", () => {
    expect(rechunk([], [a, b, c, d, e], 2)).toEqual([[a, b], [c, d], [e]]);
    expect(rechunk([], [], 2)).toEqual([]);
  });

  it("stay the same arrays where nothing changed, so that only the last is drawn while an answer grows", () => {
    const before = rechunk([], [a, b, c, d, e], 2);
    const grown = { text: "e, and more" };
    const after = rechunk(before, [a, b, c, d, grown], 2);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(after[2]).toEqual([grown]);
  });

  it("notice a message that was added, and those that went", () => {
    const before = rechunk([], [a, b, c], 2);
    expect(rechunk(before, [a, b, c, d], 2)).toEqual([
      [a, b],
      [c, d],
    ]);
    expect(rechunk(before, [a], 2)).toEqual([[a]]);
  });
});

describe("the height of a message nobody has seen", () => {
  it("follows its lines, and those too long for one", () => {
    const height = (content: string) => estimatedHeight({ role: "assistant", content });
    expect(height("one\ntwo")).toBeGreaterThan(height("one"));
    expect(height("word ".repeat(100))).toBeGreaterThan(height("word ".repeat(10)));
  });
});
