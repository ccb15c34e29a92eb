import { describe, expect, it } from "vitest";
import { groupByDay } from "@/lib/chat/groups";
import { summaryOf } from "./fixtures";

const NOW = new Date(2026, 10, 23, 0, 30);

function item(id: string, ...date: [number, number, number, number?]) {
  const [year, month, day, hour = 12] = date;
  const updated = new Date(year, month - 1, day, hour).toISOString();
  return summaryOf(id, { updated_at: updated });
}

describe("the history by day", () => {
  it("counts calendar days, not spans of 24 hours", () => {
    const groups = groupByDay(
      [item("midnight", 2026, 11, 23, 0), item("evening", 2026, 11, 22, 23)],
      NOW,
    );
    expect(groups.map(({ period }) => period)).toEqual(["today", "yesterday"]);
  });

  it("goes from days to spans to months, newest first", () => {
    const items = [
      item("f", 2025, 12, 31),
      item("c", 2026, 11, 16),
      item("a", 2026, 11, 23, 0),
      item("e", 2026, 10, 1),
      item("d", 2026, 10, 30),
      item("b", 2026, 11, 22),
    ];
    const groups = groupByDay(items, NOW).map(({ period, items: members }) => [
      period,
      members.map(({ id }) => id).join(),
    ]);
    expect(groups).toEqual([
      ["today", "a"],
      ["yesterday", "b"],
      ["week", "c"],
      ["month", "d"],
      ["2026-10", "e"],
      ["2025-12", "f"],
    ]);
  });

  it("takes a clock that is a little ahead for today", () => {
    expect(groupByDay([item("a", 2026, 11, 24)], NOW)[0]?.period).toBe("today");
  });
});
