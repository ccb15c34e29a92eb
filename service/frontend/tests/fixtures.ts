import type { ConversationSummary, StoredMessage } from "@/lib/api/types";
import { NO_SETTINGS } from "@/lib/chat/model-settings";
import type { ChatAction } from "@/lib/chat/reducer";

export const AT = "2026-11-23T08:00:00Z";

/** A question on its way in the conversation `c`: `k1`, to be answered by `k2`. */
export const ASKED = {
  type: "message/sent",
  conversationId: "c",
  userKey: "k1",
  answerKey: "k2",
  content: "hello",
  attachments: [],
  modelId: "m1",
  at: AT,
} satisfies ChatAction;

/** A conversation of the history, as the backend lists it. */
export function summaryOf(
  id: string,
  change: Partial<ConversationSummary> = {},
): ConversationSummary {
  return {
    ...NO_SETTINGS,
    id,
    title: id,
    model_id: null,
    pinned: false,
    archived: false,
    created_at: AT,
    updated_at: AT,
    ...change,
  };
}

/** A message, as the backend stores it. */
export function storedMessage(
  id: string,
  role: StoredMessage["role"],
  content: string,
  change: Partial<StoredMessage> = {},
): StoredMessage {
  return {
    id,
    role,
    content,
    reasoning: null,
    status: "complete",
    model_id: "m1",
    error_code: null,
    error_message: null,
    retryable: null,
    attachments: [],
    created_at: AT,
    usage: null,
    earlier: 0,
    ...change,
  };
}
