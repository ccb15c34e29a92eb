"use client";

import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { textForError } from "@/lib/error-text";
import type { PagedList } from "@/lib/paged-list";

interface Props {
  list: PagedList<unknown>;
  /** What to say where there is nothing. */
  empty: string;
  onMore: () => void;
  onRetry: () => void;
}

/** Below a list: that it is being fetched, is empty, failed, or goes on. */
export function ListFoot({ list, empty, onMore, onRetry }: Props) {
  const texts = useTexts();
  const nothing = list.items.length === 0 && list.failure === null;
  const text = !nothing ? "" : list.loading ? texts.common.loading : empty;
  return (
    <div className="mt-4 space-y-4">
      <p className={text === "" ? "" : "py-8 text-center text-quiet"} role="status">
        {text}
      </p>
      {list.failure !== null && (
        <>
          <Notice kind="problem">{textForError(texts, list.failure)}</Notice>
          <Button onClick={onRetry}>{texts.common.retry}</Button>
        </>
      )}
      {list.next !== null && list.failure === null && (
        <Button className="w-full" disabled={list.loading} onClick={onMore}>
          {texts.common.loadMore}
        </Button>
      )}
    </div>
  );
}
