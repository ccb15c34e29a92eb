import { describe, expect, it } from "vitest";
import { fillDays, roundedUp, totalOf } from "@/lib/usage/series";

const figures = (requests: number, prompt_tokens: number, completion_tokens: number) => ({
  requests,
  prompt_tokens,
  completion_tokens,
});

describe("the days of a chart", () => {
  const now = new Date("2026-03-01T23:30:00-08:00");

  it("are those of UTC, the oldest first, also where nothing was used", () => {
    expect(fillDays([], 3, now).map(({ day }) => day)).toEqual([
      "2026-02-28",
      "2026-03-01",
      "2026-03-02",
    ]);
  });

  it("add up the models of a day and leave out days before", () => {
    const rows = [
      { day: "2026-03-02", model_id: "a", ...figures(1, 10, 5) },
      { day: "2026-03-02", model_id: "b", ...figures(2, 20, 7) },
      { day: "2026-01-01", model_id: "a", ...figures(9, 9, 9) },
    ];
    const days = fillDays(rows, 2, now);
    expect(days.at(-1)).toEqual({ day: "2026-03-02", ...figures(3, 30, 12) });
    expect(totalOf(days)).toEqual(figures(3, 30, 12));
  });
});

describe("the end of a scale", () => {
  it.each([
    [0, 10],
    [10, 10],
    [11, 20],
    [49, 60],
    [81, 100],
    [1000, 1000],
    [123_456, 200_000],
  ])("for %s is %s", (value, end) => {
    expect(roundedUp(value)).toBe(end);
  });
});
