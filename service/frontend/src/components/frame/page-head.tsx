"use client";

import { type ReactNode, useEffect } from "react";
import { useTexts } from "@/components/preferences";

interface Props {
  title: string;
  text?: string;
  /** What can be done here, beside the title. */
  children?: ReactNode;
}

/** The head of a section; its name becomes the window's, too. */
export function PageHead({ title, text, children }: Props) {
  const { app } = useTexts();
  useEffect(() => {
    const before = document.title;
    document.title = `${title} · ${app.name}`;
    return () => {
      document.title = before;
    };
  }, [title, app.name]);
  return (
    <div className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        {text !== undefined && (
          <p className="mt-1.5 max-w-prose leading-relaxed text-quiet">{text}</p>
        )}
      </div>
      {children}
    </div>
  );
}
