"use client";

import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** How far from the end a reader still counts as reading along. */
const NEAR_PX = 96;
/** What a reader scrolls with, and how long after it a movement is still theirs. */
const TOUCHES = ["wheel", "touchmove", "keydown"] as const;
const TOUCH_MS = 500;

interface StickToBottom<T> {
  frame: (element: T | null) => void;
  content: (element: T | null) => void;
  /** The frame, once it is there. */
  element: T | null;
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
    let seen = { content: frame.scrollHeight, frame: frame.clientHeight, top: frame.scrollTop };
    let touched = Number.NEGATIVE_INFINITY;
    const see = () => {
      seen = { content: frame.scrollHeight, frame: frame.clientHeight, top: frame.scrollTop };
    };
    const onTouch = (event: Event) => {
      touched = event.timeStamp;
    };
    const onScroll = (event: Event) => {
      // Text that grew, or a field that shrank, may have moved the page: not the reader. The observer comes next.
      const resized = frame.scrollHeight !== seen.content || frame.clientHeight !== seen.frame;
      const lifted = frame.scrollTop < seen.top && frame.scrollHeight >= seen.content;
      const byReader =
        event.timeStamp - touched < TOUCH_MS || (lifted && frame.clientHeight === seen.frame);
      seen.top = frame.scrollTop;
      const distance = frame.scrollHeight - frame.scrollTop - frame.clientHeight;
      // Text that became shorter may take a reader to the end who didn't want to be there.
      if (resized && (!byReader || distance < NEAR_PX)) return;
      sticks.current = distance < NEAR_PX;
      setAway(!sticks.current);
    };
    const observer = new ResizeObserver(() => {
      if (sticks.current) frame.scrollTop = frame.scrollHeight;
      see();
    });
    for (const kind of TOUCHES) frame.addEventListener(kind, onTouch, { passive: true });
    frame.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(content);
    observer.observe(frame);
    return () => {
      for (const kind of TOUCHES) frame.removeEventListener(kind, onTouch);
      frame.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [frame, content]);

  return { frame: setFrame, content: setContent, element: frame, away, toBottom, hold };
}
