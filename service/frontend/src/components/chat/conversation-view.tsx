"use client";

import { useEffect, useState } from "react";
import { useUser } from "@/components/account/user-context";
import { preloadMarkdown } from "@/components/markdown/lazy-markdown";
import { useTexts } from "@/components/preferences";
import { Button, IconButton } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { fill } from "@/i18n";
import type { Attachment } from "@/lib/api/types";
import { isShown, showInstead } from "@/lib/chat/address";
import { runningAnswer } from "@/lib/chat/state";
import { textForError } from "@/lib/error-text";
import { Announcer } from "./announcer";
import { useChat, useSession } from "./chat-context";
import { Composer, type Sent } from "./composer";
import { FailureNotice } from "./failure-notice";
import { MessageList } from "./message-list";
import { useFileDrop } from "./use-file-drop";
import { useStickToBottom } from "./use-stick-to-bottom";
import { useUploads } from "./use-uploads";

/** A conversation and the field for the next message; without one, a greeting and the field. */
export function ConversationView({ conversationId }: { conversationId: string | null }) {
  const texts = useTexts();
  const session = useSession();
  const user = useUser();
  const conversation = useChat((state) =>
    conversationId === null ? undefined : state.conversations[conversationId],
  );
  const { failure, fail, forgive } = useFailure(conversationId);
  const uploads = useUploads(conversationId);
  const dropping = useFileDrop(uploads.add);
  const scroll = useStickToBottom<HTMLDivElement>(conversationId);

  // A stored conversation needs the renderer at once; a new one when its first message is begun.
  useEffect(() => {
    if (conversationId !== null) preloadMarkdown();
  }, [conversationId]);

  const send = async (content: string, attachments: Attachment[]): Promise<Sent | null> => {
    forgive();
    let target = conversationId;
    if (target === null) {
      try {
        target = await session.createConversation();
      } catch (error) {
        fail(error);
        return null;
      }
      showInstead(null, target);
    } else if (!(await session.conversations.takesQuestions(target))) {
      return null;
    }
    if (isShown(target)) scroll.toBottom();
    return { conversationId: target, accepted: session.send(target, content, attachments) };
  };

  const unavailable = conversation?.load === "missing" || conversation?.load === "failed";
  const fresh = conversationId === null;
  const running = runningAnswer(conversation);

  return (
    <div className={`relative flex min-h-0 flex-1 flex-col ${fresh ? "justify-center" : ""}`}>
      {fresh ? (
        <p className="mx-auto max-w-3xl px-6 pb-7 text-center text-2xl font-semibold tracking-tight text-balance wrap-anywhere md:text-[1.75rem]">
          {fill(texts.chat.greeting, { username: user.username })}
        </p>
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto" ref={scroll.frame}>
          <div className="mx-auto w-full max-w-3xl px-4 pt-1 pb-7 md:px-6" ref={scroll.content}>
            {unavailable && (
              <div className="space-y-4 py-10">
                <Notice kind="problem">
                  {conversation.load === "missing" ? texts.chat.missing : texts.chat.loadFailed}
                </Notice>
                {conversation.load === "failed" && (
                  <Button onClick={() => void session.conversations.open(conversation.id)}>
                    {texts.common.retry}
                  </Button>
                )}
              </div>
            )}
            {conversation?.load === "ready" && (
              <MessageList
                conversation={conversation}
                frame={scroll.element}
                key={conversation.id}
                onSought={scroll.hold}
              />
            )}
          </div>
        </div>
      )}
      {!unavailable && (
        <div className="relative mx-auto w-full max-w-3xl px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:px-6">
          {!fresh && scroll.away && (
            <IconButton
              className="absolute start-1/2 bottom-full z-10 mb-3 -translate-x-1/2 rtl:translate-x-1/2 border border-line bg-raised shadow-float"
              icon="arrowDown"
              label={texts.chat.toLatest}
              onClick={scroll.toBottom}
              round
            />
          )}
          {conversation?.summary?.archived && (
            <ArchivedNotice conversationId={conversation.id} onFailure={fail} />
          )}
          {failure !== null && (
            <div className="mb-3">
              <Notice kind="problem">{textForError(texts, failure)}</Notice>
            </div>
          )}
          {conversation?.refusal && (
            <div className="mb-3">
              <FailureNotice failure={conversation.refusal} />
            </div>
          )}
          <Composer
            conversationId={conversationId}
            onSend={send}
            onStop={conversationId === null ? null : () => void session.stop(conversationId)}
            running={running !== null}
            uploads={uploads}
          />
          <p className="mt-2.5 text-center text-xs text-quiet">{texts.chat.hint}</p>
        </div>
      )}
      {dropping && (
        <div className="pointer-events-none absolute inset-3 z-20 grid place-content-center rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90 font-medium text-accent-strong">
          {texts.chat.dropHere}
        </div>
      )}
      <Announcer conversation={conversation} />
    </div>
  );
}

/** Why something asked for here was not done; where one has gone elsewhere meanwhile, it is not said there. */
function useFailure(conversationId: string | null) {
  const [failed, setFailed] = useState<{ where: string | null; error: unknown } | null>(null);
  return {
    failure: failed?.where === conversationId ? failed.error : null,
    fail: (error: unknown) => setFailed({ where: conversationId, error }),
    forgive: () => setFailed(null),
  };
}

interface ArchivedProps {
  conversationId: string;
  onFailure: (error: unknown) => void;
}

function ArchivedNotice({ conversationId, onFailure }: ArchivedProps) {
  const { history } = useTexts();
  const session = useSession();
  return (
    <div className="mb-3 flex flex-wrap items-center gap-3 rounded-xl bg-soft px-4 py-2 text-sm">
      <Icon className="text-quiet" name="archive" size={16} />
      <p className="flex-1">{history.isArchived}</p>
      <Button
        onClick={() => void session.change(conversationId, { archived: false }).catch(onFailure)}
      >
        {history.unarchive}
      </Button>
    </div>
  );
}
