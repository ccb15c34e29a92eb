"use client";

import { useEffect, useState } from "react";
import { useApi } from "@/components/providers";
import { type Found, NOTHING, withMore } from "@/lib/search";

/** A pause in typing, after which the backend is asked. */
const PAUSE_MS = 150;

export interface Search extends Found {
  busy: boolean;
  more: () => void;
}

/** Look for words in one's own conversations while they are typed; what was found stays until there is something newer. */
export function useSearch(typed: string): Search {
  const api = useApi();
  const [found, setFound] = useState<Found>(NOTHING);
  const query = typed.trim();

  useEffect(() => {
    if (query === "") {
      setFound(NOTHING);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      api.search(query).then(
        ({ items, next }) => current && setFound({ query, hits: items, next, failure: null }),
        (failure: unknown) => current && setFound({ ...NOTHING, query, failure }),
      );
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, query]);

  const more = () => {
    if (found.next === null) return;
    api.search(found.query, found.next).then(
      (page) => setFound((now) => withMore(now, found, page)),
      (failure: unknown) => setFound((now) => (now === found ? { ...now, failure } : now)),
    );
  };

  return { ...found, busy: query !== found.query, more };
}
