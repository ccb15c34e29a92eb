import { describe, expect, it } from "vitest";
import type { SearchHit, SearchHits } from "@/lib/api/types";
import { type Found, withMore } from "@/lib/search";
import { AT } from "./fixtures";

function hit(id: string): SearchHit {
  const place = { conversation_id: "c", message_id: id, role: "user" };
  return { ...place, title: "", archived: false, at: AT, snippet: [] };
}

const FIRST: Found = { query: "paris", hits: [hit("1")], next: 20, failure: null };
const PAGE: SearchHits = { items: [hit("2")], next: null };

describe("more of what was found", () => {
  it("follows it, and takes a failure before it away", () => {
    const failed = { ...FIRST, failure: new Error("cut") };
    expect(withMore(failed, failed, PAGE)).toEqual({
      ...FIRST,
      hits: [hit("1"), hit("2")],
      next: null,
    });
  });

  it("follows it once, however often it was asked for before it came", () => {
    const once = withMore(FIRST, FIRST, PAGE);
    expect(withMore(once, FIRST, PAGE)).toBe(once);
  });

  it("is dropped where other words were looked for since, or the same ones anew", () => {
    const other = { ...FIRST, query: "rome" };
    expect(withMore(other, FIRST, PAGE)).toBe(other);
    const again = { ...FIRST };
    expect(withMore(again, FIRST, PAGE)).toBe(again);
  });
});
