import { describe, expect, it } from "vitest";
import { neighbour, rowsOf } from "@/lib/chat/history-rows";
import { summaryOf } from "./fixtures";

const SECTIONS = [
  { id: "pinned", title: "Pinned", items: [summaryOf("a")] },
  { id: "today", title: "Today", items: [summaryOf("b"), summaryOf("c")] },
];

describe("the lines of the history", () => {
  it("are headings and conversations, each with its place in its section", () => {
    const told = rowsOf(SECTIONS).map((row) =>
      row.kind === "heading" ? row.section.title : `${row.key} ${row.place}`,
    );
    expect(told).toEqual(["Pinned", "a 1", "Today", "b 1", "c 2"]);
  });

  it("are walked by the arrow keys, over the headings", () => {
    const rows = rowsOf(SECTIONS);
    expect(neighbour(rows, "a", "ArrowDown")).toBe("b");
    expect(neighbour(rows, "b", "ArrowUp")).toBe("a");
    expect(neighbour(rows, "a", "End")).toBe("c");
    expect(neighbour(rows, "c", "Home")).toBe("a");
  });

  it("end where they end, and other keys mean nothing", () => {
    const rows = rowsOf(SECTIONS);
    expect(neighbour(rows, "a", "ArrowUp")).toBeNull();
    expect(neighbour(rows, "c", "ArrowDown")).toBeNull();
    expect(neighbour(rows, "b", "x")).toBeNull();
  });
});
