"use client";

import { lazy, Suspense } from "react";

const load = () => import("./markdown");
const Markdown = lazy(load);

/** Fetch the Markdown renderer ahead of the first answer; the page itself doesn't carry it. Once is enough, more is free. */
export function preloadMarkdown(): void {
  load().catch(() => undefined);
}

interface Props {
  source: string;
  streaming: boolean;
}

/** Show Markdown, or its plain text for the moment until the renderer is there. */
export function LazyMarkdown({ source, streaming }: Props) {
  const plain = <div className="markdown whitespace-pre-wrap">{source}</div>;
  return (
    <Suspense fallback={plain}>
      <Markdown source={source} streaming={streaming} />
    </Suspense>
  );
}
