"use client";

import { type MouseEvent, memo, useState } from "react";
import { useTexts } from "@/components/preferences";
import { IconButton } from "@/components/ui/button";
import { Disclosure } from "@/components/ui/disclosure";
import { MenuButton } from "@/components/ui/menu-button";
import { fill } from "@/i18n";
import type { ConversationSummary } from "@/lib/api/types";
import { conversationPath } from "@/lib/chat/address";
import { showConversation, useSession } from "./chat-context";
import { DeleteDialog, RenameDialog } from "./conversation-dialogs";

interface Props {
  item: ConversationSummary;
  active: boolean;
  /** Its line in the list, and how far below the line before it. */
  index: number;
  gap: number;
  measure: (element: Element | null) => void;
  /** Its place in its section of so many; -1 where more may come. */
  place: number;
  places: number;
  /** Tab reaches this one; the others the arrow keys. */
  stop: boolean;
  onNavigate: () => void;
  /** Something asked for was not done. */
  onFailure: (error: unknown) => void;
}

/** The element that leads to a conversation, for going there. */
export function historyLinkId(id: string): string {
  return `history-${id}`;
}

/** One conversation of the history, with its options. */
export const HistoryItem = memo(function HistoryItem({
  item,
  active,
  index,
  gap,
  measure,
  place,
  places,
  stop,
  onNavigate,
  onFailure,
}: Props) {
  const { history, common } = useTexts();
  const session = useSession();
  const [dialog, setDialog] = useState<"rename" | "delete" | null>(null);
  const title = item.title || history.untitled;

  const follow = (event: MouseEvent) => {
    // With a modifier the browser opens a tab or a window, as with any link.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!active) showConversation(item.id);
    onNavigate();
  };
  const change = (values: { pinned: boolean } | { archived: boolean }) => {
    session.change(item.id, values).catch(onFailure);
  };

  return (
    <li
      aria-posinset={place}
      aria-setsize={places}
      className={`group relative flex items-center rounded-lg transition-colors ${active ? "bg-hover" : "hover:bg-hover"}`}
      data-id={item.id}
      data-index={index}
      ref={measure}
      style={{ marginTop: gap }}
    >
      <a
        aria-current={active ? "page" : undefined}
        className="min-w-0 flex-1 rounded-lg px-2.5 py-2 text-[0.9375rem] pointer-coarse:pe-10 group-focus-within:pe-9 group-hover:pe-9"
        href={conversationPath(item.id)}
        id={historyLinkId(item.id)}
        onClick={follow}
        tabIndex={stop ? 0 : -1}
        title={title}
      >
        <span className="block truncate" dir="auto">
          {title}
        </span>
      </a>
      <div className="absolute end-0.5 pointer-fine:opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
        <Disclosure
          panelClassName="end-0 top-full mt-1 w-48"
          trigger={(properties) => (
            <IconButton
              {...properties}
              className="size-8"
              icon="more"
              label={fill(history.options, { title })}
              tabIndex={stop ? 0 : -1}
            />
          )}
        >
          {(close) => {
            const then = (act: () => void) => () => {
              close();
              act();
            };
            return (
              <>
                <MenuButton
                  icon="pin"
                  onClick={then(() => change({ pinned: !item.pinned }))}
                  text={item.pinned ? history.unpin : history.pin}
                />
                <MenuButton
                  icon="pencil"
                  onClick={then(() => setDialog("rename"))}
                  text={history.rename}
                />
                <MenuButton
                  icon="archive"
                  onClick={then(() => change({ archived: true }))}
                  text={history.archive}
                />
                <MenuButton
                  icon="trash"
                  onClick={then(() => setDialog("delete"))}
                  text={common.delete}
                />
              </>
            );
          }}
        </Disclosure>
      </div>
      {dialog === "rename" && <RenameDialog item={item} onClose={() => setDialog(null)} />}
      {dialog === "delete" && <DeleteDialog item={item} onClose={() => setDialog(null)} />}
    </li>
  );
});
