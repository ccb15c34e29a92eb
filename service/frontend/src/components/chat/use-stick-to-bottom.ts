"use client";

import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** How far from the end a reader still counts as reading along. */
const NEAR_PX = 96;

interface StickToBottom<T> {
  frame: (element: T | null) => void;
  content: (element: T | null) => void;
  /** The reader has scrolled up: new text no longer moves the page. */
  away: boolean;
  toBottom: () => void;
  /** Something else is to be read: stay where that is. */
  hold: () => void;
}

/** Keep the end of growing content in view, unless the reader has scrolled up to read. */
export function useStickToBottom<T extends HTMLElement>(resetKey: unknown): StickToBottom<T> {
  const [frame, setFrame] = useState<T | null>(null);
  const [content, setContent] = useState<T | null>(null);
  const [away, setAway] = useState(false);
  const sticks: RefObject<boolean> = useRef(true);

  const toBottom = useCallback(() => {
    sticks.current = true;
    setAway(false);
    if (frame) frame.scrollTop = frame.scrollHeight;
  }, [frame]);

  const hold = useCallback(() => {
    sticks.current = false;
    setAway(true);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation starts at its end.
  useEffect(toBottom, [resetKey, toBottom]);

  useEffect(() => {
    if (frame === null || content === null) return;
    let seen = { content: frame.scrollHeight, frame: frame.clientHeight };
    const onScroll = () => {
      // Text that grew, or a field that shrank, moved the page: not the reader. The observer comes next.
      if (frame.scrollHeight !== seen.content || frame.clientHeight !== seen.frame) return;
      const distance = frame.scrollHeight - frame.scrollTop - frame.clientHeight;
      sticks.current = distance < NEAR_PX;
      setAway(!sticks.current);
    };
    const observer = new ResizeObserver(() => {
      seen = { content: frame.scrollHeight, frame: frame.clientHeight };
      if (sticks.current) frame.scrollTop = frame.scrollHeight;
    });
    frame.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(content);
    observer.observe(frame);
    return () => {
      frame.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [frame, content]);

  return { frame: setFrame, content: setContent, away, toBottom, hold };
}
