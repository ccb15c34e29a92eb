import { describe, expect, it } from "vitest";
import { emptyList, type PagedAction, type PagedList, pagedReducer } from "@/lib/paged-list";

interface Item {
  id: string;
  name?: string;
}

const items = (...ids: string[]) => ids.map((id) => ({ id }));
const listAfter = (...actions: PagedAction<Item>[]) =>
  actions.reduce<PagedList<Item>>(pagedReducer, emptyList(""));
const first: PagedAction<Item> = {
  type: "loaded",
  query: "",
  page: { items: items("a", "b"), next: "b" },
  append: false,
};

describe("a list in pages", () => {
  it("grows by the next page and shows nothing twice", () => {
    const list = listAfter(first, {
      type: "loaded",
      query: "",
      page: { items: items("b", "c"), next: null },
      append: true,
    });
    expect(list.items).toEqual(items("a", "b", "c"));
    expect(list).toMatchObject({ next: null, loading: false });
  });

  it("keeps what it shows until another question is answered", () => {
    const asked = listAfter(first, { type: "asked", query: "li" });
    expect(asked).toMatchObject({ items: items("a", "b"), loading: true });
  });

  it("drops the late answer and the late failure of a question nobody asks any more", () => {
    const asked = listAfter(first, { type: "asked", query: "li" });
    expect(pagedReducer(asked, first)).toBe(asked);
    expect(pagedReducer(asked, { type: "failed", query: "", error: new Error("late") })).toBe(
      asked,
    );
  });

  it("keeps its items beside a failure", () => {
    const error = new Error("gone");
    const list = listAfter(first, { type: "failed", query: "", error });
    expect(list).toMatchObject({ items: items("a", "b"), failure: error, loading: false });
  });

  it("takes a changed item in its place and lets go of a removed one", () => {
    const list = listAfter(
      first,
      { type: "changed", item: { id: "b", name: "new" } },
      { type: "removed", id: "a" },
    );
    expect(list.items).toEqual([{ id: "b", name: "new" }]);
  });
});
