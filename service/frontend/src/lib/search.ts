import type { SearchHit, SearchHits } from "./api/types";

/** What was found for some words. */
export interface Found {
  query: string;
  hits: SearchHit[];
  /** Where the next page begins, or null. */
  next: number | null;
  failure: unknown;
}

export const NOTHING: Found = { query: "", hits: [], next: null, failure: null };

/** Add a page to what it was asked for, once; what has been found since stays. */
export function withMore(now: Found, askedFor: Found, page: SearchHits): Found {
  if (now !== askedFor) return now;
  return { ...now, hits: [...now.hits, ...page.items], next: page.next, failure: null };
}
