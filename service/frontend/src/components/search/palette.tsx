"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { showConversation, useChat, useStore } from "@/components/chat/chat-context";
import { useTexts } from "@/components/preferences";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { fill } from "@/i18n";
import { textForError } from "@/lib/error-text";
import { isPlainEnter } from "@/lib/keys";
import { HitLine } from "./hit-line";
import { useCommands } from "./use-commands";
import { useSearch } from "./use-search";

/** So many of the last conversations are offered before anything is typed. */
const RECENT = 5;

interface Option {
  id: string;
  line: ReactNode;
  run: () => void;
  /** The palette stays after it. */
  stays?: boolean;
}

interface Section {
  title: string;
  options: Option[];
}

/**
 * Find what was said, and go anywhere, by keyboard: a field with a list below it, whose active
 * line the arrows move and Enter takes (the combobox pattern of ARIA).
 */
export default function Palette({ onClose }: { onClose: () => void }) {
  const texts = useTexts();
  const { search: t } = texts;
  const id = useId();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const search = useSearch(query);
  const sections = useSections(query, search);
  const options = sections.flatMap((section) => section.options);
  const chosen = Math.min(active, options.length - 1);
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    list.current?.querySelector(`[data-index="${chosen}"]`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const take = (option: Option | undefined) => {
    if (option === undefined) return;
    if (!option.stays) onClose();
    option.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && options.length > 0) {
      event.preventDefault();
      setActive((chosen + step + options.length) % options.length);
    }
    if (!isPlainEnter(event)) return;
    event.preventDefault();
    take(options[chosen]);
  };

  const nothing = query.trim() !== "" && !search.busy && search.hits.length === 0;
  const told = () => {
    if (search.failure !== null) return textForError(texts, search.failure);
    if (nothing) return t.nothing;
    return search.hits.length === 0 ? "" : fill(t.found, { count: search.hits.length });
  };

  let index = -1;
  return (
    <Dialog bare onClose={onClose} title={t.title}>
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Icon className="shrink-0 text-quiet" name="search" />
        <input
          aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-expanded="true"
          aria-label={t.title}
          autoComplete="off"
          className="h-14 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-quiet"
          enterKeyHint="go"
          maxLength={200}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          placeholder={t.placeholder}
          role="combobox"
          spellCheck={false}
          type="text"
          value={query}
        />
        <button
          className="rounded-lg px-2 py-1 text-sm text-quiet hover:bg-hover md:hidden"
          onClick={onClose}
          type="button"
        >
          {texts.common.close}
        </button>
      </div>
      <div
        aria-busy={search.busy}
        aria-label={t.results}
        className="max-h-[min(28rem,60dvh)] overflow-y-auto p-2"
        id={`${id}-list`}
        ref={list}
        role="listbox"
        tabIndex={-1}
      >
        {sections.map((section) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox.
          <div aria-label={section.title} key={section.title} role="group">
            <p aria-hidden="true" className="px-2.5 pt-2 pb-1 text-xs font-medium text-quiet">
              {section.title}
            </p>
            {section.options.map((option) => {
              index += 1;
              const own = index;
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and takes the keys.
                // biome-ignore lint/a11y/useFocusableInteractive: see above.
                <div
                  aria-selected={own === chosen}
                  className="flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-2.5 py-1.5 aria-selected:bg-hover"
                  data-index={own}
                  id={`${id}-${own}`}
                  key={option.id}
                  onClick={() => take(option)}
                  onMouseMove={() => setActive(own)}
                  role="option"
                >
                  {option.line}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      <p
        className={
          nothing || search.failure !== null ? "px-4 pb-5 text-center text-quiet" : "sr-only"
        }
        role="status"
      >
        {told()}
      </p>
    </Dialog>
  );
}

function useSections(query: string, search: ReturnType<typeof useSearch>): Section[] {
  const { search: t, history } = useTexts();
  const store = useStore();
  const commands = useCommands();
  const recent = useChat((state) => state.history.items);
  const words = query.trim().toLowerCase();

  const go = (conversationId: string, messageId: string | null) => {
    showConversation(conversationId);
    if (messageId !== null) store.dispatch({ type: "message/sought", conversationId, messageId });
  };
  const found: Option[] = search.hits.map((hit) => ({
    id: `${hit.conversation_id} ${hit.message_id}`,
    line: <HitLine hit={hit} />,
    run: () => go(hit.conversation_id, hit.message_id),
  }));
  if (search.next !== null) {
    const line = <span className="w-full text-center text-accent">{t.more}</span>;
    found.push({ id: "more", line, run: search.more, stays: true });
  }
  const sections = [
    {
      title: t.commands,
      options: commands
        .filter(({ text }) => text.toLowerCase().includes(words))
        .map(({ id, icon, text, run }) => ({
          id,
          line: (
            <>
              <Icon className="shrink-0 text-quiet" name={icon} />
              <span className="truncate">{text}</span>
            </>
          ),
          run,
        })),
    },
    { title: t.results, options: found },
    {
      title: t.recent,
      options: (words === "" ? recent.slice(0, RECENT) : []).map((item) => ({
        id: item.id,
        line: <span className="truncate">{item.title || history.untitled}</span>,
        run: () => go(item.id, null),
      })),
    },
  ];
  return sections.filter(({ options }) => options.length > 0);
}
