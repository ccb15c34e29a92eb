"use client";

import { useEffect, useState } from "react";
import { useTexts } from "@/components/preferences";
import { copyText } from "@/lib/clipboard";
import { Icon } from "./icon";

interface Props {
  label: string;
  text: () => string;
  /** The icon alone. */
  compact?: boolean;
}

/** Copy something and say so for a moment. */
export function CopyButton({ label, text, compact = false }: Props) {
  const { chat } = useTexts();
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);

  return (
    <button
      aria-label={copied ? chat.copied : label}
      className="inline-flex h-8 items-center gap-1.5 rounded-lg px-2 text-[0.8125rem] text-quiet transition-colors hover:bg-hover hover:text-ink"
      title={label}
      onClick={async () => setCopied(await copyText(text()))}
      type="button"
    >
      <Icon name={copied ? "check" : "copy"} size={15} />
      <span aria-live="polite" className={compact ? "sr-only" : ""}>
        {copied ? chat.copied : chat.copy}
      </span>
    </button>
  );
}
