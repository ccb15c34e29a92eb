"use client";

import { isValidElement, type ReactNode, useRef } from "react";
import { useTexts } from "@/components/preferences";
import { CopyButton } from "@/components/ui/copy-button";

/** A fenced code block with its language and a copy button. */
export function CodeBlock({ children }: { children?: ReactNode }) {
  const { chat } = useTexts();
  const code = useRef<HTMLPreElement>(null);
  const language = languageOf(children);
  return (
    <div className="code-block" dir="ltr">
      <div className="flex items-center justify-between border-b border-line ps-4 pe-1.5 text-[0.8125rem] text-quiet">
        <span>{language}</span>
        <CopyButton label={chat.copyCode} text={() => withoutLastLineEnd(code.current)} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre className="font-mono" ref={code} tabIndex={0}>
        {children}
      </pre>
    </div>
  );
}

/** A terminal would run what ends in one. */
function withoutLastLineEnd(code: HTMLElement | null): string {
  return (code?.textContent ?? "").replace(/\n$/, "");
}

function languageOf(children: ReactNode): string {
  if (!isValidElement<{ className?: string }>(children)) return "";
  return /\blanguage-(\S+)/.exec(children.props.className ?? "")?.[1] ?? "";
}
