"use client";

import { useTexts } from "@/components/preferences";
import { Icon } from "@/components/ui/icon";

interface Props {
  text: string;
  /** The model has not begun the answer itself yet. */
  thinking: boolean;
}

/** What the model thought before it answered; folded away, open to those who want to know. */
export function Reasoning({ text, thinking }: Props) {
  const { chat } = useTexts();
  return (
    <details className="group mb-4 rounded-xl border border-line">
      <summary className="flex min-h-10 list-none items-center gap-2 rounded-xl px-3 py-1.5 text-sm text-quiet hover:bg-hover [&::-webkit-details-marker]:hidden">
        <Icon name="thought" size={16} />
        <span className={thinking ? "animate-pulse" : ""}>
          {thinking ? chat.thinking : chat.reasoning}
        </span>
        <Icon
          className="ms-auto transition-transform group-open:rotate-180"
          name="chevron"
          size={16}
        />
      </summary>
      <div className="max-h-80 overflow-y-auto border-t border-line px-4 py-3 text-sm leading-relaxed break-words whitespace-pre-wrap text-quiet">
        {text}
      </div>
    </details>
  );
}
