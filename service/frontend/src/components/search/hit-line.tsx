"use client";

import { usePreferences, useTexts } from "@/components/preferences";
import { LANGUAGE_TAGS } from "@/i18n";
import type { SearchHit } from "@/lib/api/types";

/** One thing that was found: whose words, in which conversation, when, and the place with what was looked for marked. */
export function HitLine({ hit }: { hit: SearchHit }) {
  const { search, chat, history } = useTexts();
  const { locale } = usePreferences();
  const date = new Intl.DateTimeFormat(LANGUAGE_TAGS[locale], { dateStyle: "medium" });
  const speaker = hit.role === "user" ? chat.you : chat.assistant;
  return (
    <span className="min-w-0 flex-1">
      <span className="flex items-baseline gap-3 text-xs text-quiet">
        <span className="min-w-0 truncate">{hit.title || history.untitled}</span>
        {hit.archived && <span className="shrink-0">{search.archived}</span>}
        <span className="ms-auto shrink-0">{date.format(new Date(hit.at))}</span>
      </span>
      <span className="line-clamp-2 break-words">
        {hit.message_id !== null && <span className="text-quiet">{`${speaker}: `}</span>}
        {hit.snippet.map((piece, index) =>
          // Pieces never move: they are made once, with the hit.
          piece.hit ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: see above.
            <mark className="rounded-sm bg-mark text-ink" key={index}>
              {piece.text}
            </mark>
          ) : (
            piece.text
          ),
        )}
      </span>
    </span>
  );
}
