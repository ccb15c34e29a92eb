"use client";

import { useCallback, useState } from "react";
import { usePagedList } from "@/components/frame/use-paged-list";
import { usePreferences, useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Button, IconButton } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { fill, LANGUAGE_TAGS } from "@/i18n";
import type { ConversationSummary } from "@/lib/api/types";
import { conversationPath } from "@/lib/chat/address";
import { textForError } from "@/lib/error-text";
import { showConversation, useSession } from "./chat-context";
import { DeleteDialog } from "./conversation-dialogs";

/** The conversations that were put away: read one, take it back, or delete it. */
export default function ArchiveDialog({ onClose }: { onClose: () => void }) {
  const texts = useTexts();
  const { history, common } = texts;
  const api = useApi();
  const session = useSession();
  const load = useCallback(
    (before: string | null) => api.conversations({ archived: true, before }),
    [api],
  );
  const { list, dispatch, more, reload } = usePagedList<ConversationSummary>("", load);
  const { items, next, loading } = list;
  const [refusal, setRefusal] = useState<unknown>(null);
  const [deleting, setDeleting] = useState<ConversationSummary | null>(null);
  const failure = refusal ?? list.failure;

  const forget = (id: string) => dispatch({ type: "removed", id });
  const takeBack = (item: ConversationSummary) => {
    setRefusal(null);
    session.change(item.id, { archived: false }).then(() => forget(item.id), setRefusal);
  };

  return (
    <Dialog onClose={onClose} title={history.archived}>
      {failure !== null && (
        <div className="mb-3 space-y-3">
          <Notice kind="problem">{textForError(texts, failure)}</Notice>
          {items.length === 0 && <Button onClick={reload}>{common.retry}</Button>}
        </div>
      )}
      {items.length === 0 && failure === null && (
        <p className="text-quiet">{loading ? common.loading : history.archiveEmpty}</p>
      )}
      <ul className="-mx-2 max-h-[50dvh] overflow-y-auto">
        {items.map((item) => (
          <ArchivedLine
            item={item}
            key={item.id}
            onDelete={() => setDeleting(item)}
            onOpen={() => {
              onClose();
              showConversation(item.id);
            }}
            onTakeBack={() => takeBack(item)}
          />
        ))}
      </ul>
      <div className="mt-5 flex justify-end gap-2">
        {next !== null && (
          <Button disabled={loading} onClick={more}>
            {common.loadMore}
          </Button>
        )}
        <Button autoFocus onClick={onClose}>
          {common.close}
        </Button>
      </div>
      {deleting !== null && (
        <DeleteDialog
          item={deleting}
          onClose={() => setDeleting(null)}
          onDeleted={() => forget(deleting.id)}
        />
      )}
    </Dialog>
  );
}

interface LineProps {
  item: ConversationSummary;
  onOpen: () => void;
  onTakeBack: () => void;
  onDelete: () => void;
}

function ArchivedLine({ item, onOpen, onTakeBack, onDelete }: LineProps) {
  const { history } = useTexts();
  const { locale } = usePreferences();
  const date = new Intl.DateTimeFormat(LANGUAGE_TAGS[locale], { dateStyle: "medium" });
  const title = item.title || history.untitled;
  return (
    <li className="flex items-center gap-1 rounded-lg ps-2 hover:bg-hover">
      <a
        className="min-w-0 flex-1 rounded-lg py-1.5"
        href={conversationPath(item.id)}
        onClick={(event) => {
          event.preventDefault();
          onOpen();
        }}
      >
        <span className="block truncate">{title}</span>
        <span className="block text-xs text-quiet">{date.format(new Date(item.updated_at))}</span>
      </a>
      <IconButton
        icon="unarchive"
        label={fill(history.unarchiveOne, { title })}
        onClick={onTakeBack}
      />
      <IconButton icon="trash" label={fill(history.deleteOne, { title })} onClick={onDelete} />
    </li>
  );
}
