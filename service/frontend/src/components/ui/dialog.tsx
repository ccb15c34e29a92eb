"use client";

import { type ReactNode, useEffect, useId, useRef } from "react";

interface Props {
  title: string;
  /** Null for a dialog that must be answered. */
  onClose: (() => void) | null;
  children: ReactNode;
}

/** A modal dialog; the browser keeps the focus inside and gives it back afterwards. */
export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      aria-labelledby={titleId}
      className="m-auto w-[min(26rem,calc(100vw-2rem))] rounded-2xl border border-line bg-page p-6 text-ink shadow-float"
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
      ref={dialog}
    >
      <h2 className="mb-4 text-lg font-semibold" id={titleId}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}
