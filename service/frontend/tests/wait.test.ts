import { describe, expect, it } from "vitest";
import { waitUntil } from "@/lib/wait";

const NOW = Date.parse("2026-11-28T08:00:00Z");

describe("the time to wait", () => {
  it.each([
    [-5, { unit: "seconds", count: 0 }],
    [0.2, { unit: "seconds", count: 1 }],
    [59, { unit: "seconds", count: 59 }],
    [90, { unit: "seconds", count: 90 }],
    [91, { unit: "minutes", count: 2 }],
    [90 * 60, { unit: "minutes", count: 90 }],
    [90 * 60 + 1, null],
  ])("of %s seconds is counted as %j", (seconds, wait) => {
    expect(waitUntil(NOW + seconds * 1000, NOW)).toEqual(wait);
  });
});
