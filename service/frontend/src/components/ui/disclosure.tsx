"use client";

import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";

interface Props {
  /** Render the button; spread the properties on it. */
  trigger: (properties: { "aria-expanded": boolean; onClick: () => void }) => ReactNode;
  children: (close: () => void) => ReactNode;
  panelClassName: string;
}

/** A small panel that opens at its button; Escape, a click elsewhere or leaving it by Tab closes it. */
export function Disclosure({ trigger, children, panelClassName }: Props) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);

  /** The focus goes back to the button, from where a dialog that opens next will take it and return it. */
  const close = useCallback(() => {
    setOpen(false);
    frame.current?.querySelector<HTMLElement>("[aria-expanded]")?.focus();
  }, []);

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    document.addEventListener("keydown", closeOnEscape, true);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
      document.removeEventListener("keydown", closeOnEscape, true);
    };
  }, [open, close]);

  return (
    <div className="relative" ref={frame}>
      {trigger({ "aria-expanded": open, onClick: () => setOpen(!open) })}
      {open && (
        <div
          className={`absolute z-20 rounded-xl border border-line bg-raised p-1.5 shadow-float ${panelClassName}`}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}
