"use client";

import { useCallback, useEffect, useReducer } from "react";
import type { ListPage } from "@/lib/api/admin";
import { emptyList, type PagedAction, type PagedList, pagedReducer } from "@/lib/paged-list";
import { useSignedOutNotice } from "./use-resource";

interface Paged<T> {
  list: PagedList<T>;
  dispatch: (action: PagedAction<T>) => void;
  more: () => void;
  reload: () => void;
}

/** Fetch a list page by page; `load` must be the same function as long as `query` is the same. */
export function usePagedList<T extends { id: string }>(
  query: string,
  load: (cursor: string | null) => Promise<ListPage<T>>,
): Paged<T> {
  const [list, dispatch] = useReducer(pagedReducer<T>, emptyList<T>(query));
  const notice = useSignedOutNotice();

  const fetchPage = useCallback(
    async (cursor: string | null) => {
      dispatch({ type: "asked", query });
      try {
        const page = await load(cursor);
        dispatch({ type: "loaded", query, page, append: cursor !== null });
      } catch (error) {
        notice(error);
        dispatch({ type: "failed", query, error });
      }
    },
    [query, load, notice],
  );

  useEffect(() => void fetchPage(null), [fetchPage]);

  return {
    list,
    dispatch,
    more: () => void fetchPage(list.next),
    reload: () => void fetchPage(null),
  };
}
