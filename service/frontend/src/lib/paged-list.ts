import type { ListPage } from "./api/admin";

/** A list that is fetched page by page. `query` is what was asked for: pages of another question are dropped. */
export interface PagedList<T> {
  query: string;
  items: readonly T[];
  next: string | null;
  loading: boolean;
  failure: unknown;
}

export type PagedAction<T> =
  | { type: "asked"; query: string }
  | { type: "loaded"; query: string; page: ListPage<T>; append: boolean }
  | { type: "failed"; query: string; error: unknown }
  | { type: "changed"; item: T }
  | { type: "removed"; id: string };

export function emptyList<T>(query: string): PagedList<T> {
  return { query, items: [], next: null, loading: true, failure: null };
}

export function pagedReducer<T extends { id: string }>(
  list: PagedList<T>,
  action: PagedAction<T>,
): PagedList<T> {
  switch (action.type) {
    case "asked":
      // What is shown stays until the answer is there: a list that flickers can't be read.
      return { ...list, query: action.query, loading: true, failure: null };
    case "loaded": {
      if (action.query !== list.query) return list;
      const kept = action.append ? list.items : [];
      const known = new Set(kept.map(({ id }) => id));
      const items = [...kept, ...action.page.items.filter(({ id }) => !known.has(id))];
      return { ...list, items, next: action.page.next, loading: false };
    }
    case "failed":
      if (action.query !== list.query) return list;
      return { ...list, loading: false, failure: action.error };
    case "changed":
      return {
        ...list,
        items: list.items.map((item) => (item.id === action.item.id ? action.item : item)),
      };
    case "removed":
      return { ...list, items: list.items.filter(({ id }) => id !== action.id) };
    default:
      return action satisfies never;
  }
}
