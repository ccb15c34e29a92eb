"use client";

import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

interface Props {
  title: string;
  /** Null for a dialog that must be answered. */
  onClose: (() => void) | null;
  /** Its content alone, near the top of the page: the title is for screen readers, a click outside closes it. */
  bare?: boolean;
  children: ReactNode;
}

/** A modal dialog; the browser keeps the focus inside, and it goes back afterwards. */
export function Dialog({ title, onClose, bare = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  // Before painting, so that whoever closed it may put the focus elsewhere right after.
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      // Browsers give the focus back where it was, but not from a dialog that leaves the page.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    <dialog
      aria-labelledby={titleId}
      className={`rounded-2xl border border-line bg-page text-ink shadow-float ${
        bare
          ? "mx-auto mt-[min(12dvh,7rem)] w-[min(40rem,calc(100vw-1.5rem))] overflow-hidden"
          : "m-auto w-[min(26rem,calc(100vw-2rem))] p-6"
      }`}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClose={() => {
        // A browser lets a second Escape through even where the first was refused.
        if (dialog.current?.open !== false) return;
        if (onClose === null) dialog.current.showModal();
        else onClose();
      }}
      onPointerDown={(event) => {
        if (bare && event.target === dialog.current) onClose?.();
      }}
      ref={dialog}
    >
      <h2 className={bare ? "sr-only" : "mb-4 text-lg font-semibold"} id={titleId}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}
