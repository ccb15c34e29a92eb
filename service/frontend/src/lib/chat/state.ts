import type {
  AnswerStatus,
  Attachment,
  ConversationSummary,
  Model,
  ModelSettings,
  StoredAnswer,
  StoredMessage,
  Usage,
} from "@/lib/api/types";
import { NO_SETTINGS } from "./model-settings";

/** Why an answer failed. `code` is looked up in the dictionary; `message` is what the backend said. */
export interface Failure {
  code: string;
  message: string;
  retryable: boolean;
  /** When it may be tried again, in milliseconds since 1970, where the backend said so. */
  until?: number;
}

/** Refusals for a while, of a question that is as good as before once the while is over. */
const LIMITS = ["message_limit", "stream_limit", "token_quota"];

/** Whether a question that was refused so goes back into its field: to ask it again as it is would be in vain. */
export function isReturned(failure: Failure): boolean {
  return !failure.retryable || LIMITS.includes(failure.code);
}

/** Whether browsers show it and models may see it. */
export function isImage(attachment: Attachment): boolean {
  return attachment.media_type.startsWith("image/");
}

/** A message on the page. `key` never changes, so that React keeps its element when the id arrives. */
export interface Message {
  key: string;
  /** Null until the backend has told its id. */
  id: string | null;
  role: "user" | "assistant";
  content: string;
  reasoning: string;
  status: AnswerStatus;
  modelId: string | null;
  attachments: Attachment[];
  createdAt: string;
  usage: Usage | null;
  failure: Failure | null;
  /** How many answers this one has replaced. */
  earlier: number;
}

/** Other words for a question, which were refused or didn't arrive. */
export interface RefusedEdit {
  questionKey: string;
  content: string;
}

export type LoadStatus = "loading" | "ready" | "missing" | "failed";

export interface Conversation {
  id: string;
  load: LoadStatus;
  messages: Message[];
  /** Its title and so on; null while that is only in the history. */
  summary: ConversationSummary | null;
  /** Why something asked of a stored message was not done. */
  refusal: Failure | null;
  /** It outlives the question's element: somebody may have gone elsewhere meanwhile. */
  refusedEdit: RefusedEdit | null;
}

export interface HistoryList {
  load: Exclude<LoadStatus, "missing">;
  items: ConversationSummary[];
  next: string | null;
}

export interface ChatState {
  models: Model[];
  /** The model the next message of a conversation without one goes to. */
  preferredModelId: string | null;
  /** The models chosen on this page, by conversation: what the backend tells of one knows nothing of them. */
  chosenModels: Readonly<Record<string, string>>;
  /** What the model is told in the conversation that begins next. */
  newSettings: ModelSettings;
  history: HistoryList;
  conversations: Readonly<Record<string, Conversation>>;
  /** A message that was searched for and is to be shown. */
  sought: { conversationId: string; messageId: string } | null;
}

export const initialChatState: ChatState = {
  models: [],
  preferredModelId: null,
  chosenModels: {},
  newSettings: NO_SETTINGS,
  history: { load: "loading", items: [], next: null },
  conversations: {},
  sought: null,
};

export function messageFromStored(stored: StoredMessage): Message | null {
  const { role, attachments, earlier } = stored;
  return role === "system" ? null : { ...messageFromAnswer(stored), role, attachments, earlier };
}

/** An answer, also one that has been replaced since. */
export function messageFromAnswer(stored: StoredAnswer): Message {
  const { error_code: code, error_message: message, retryable } = stored;
  return {
    key: stored.id,
    id: stored.id,
    role: "assistant",
    content: stored.content,
    reasoning: stored.reasoning ?? "",
    status: stored.status,
    modelId: stored.model_id,
    attachments: [],
    createdAt: stored.created_at,
    usage: stored.usage,
    failure: code ? { code, message: message ?? "", retryable: retryable ?? true } : null,
    earlier: 0,
  };
}

/** Where to go on reading an answer: how many characters of it are here, as the backend counts them (by code point). */
export function cursorOf({ reasoning, content }: Pick<Message, "reasoning" | "content">): string {
  return `${[...reasoning].length}-${[...content].length}`;
}

/** The answer being written in a conversation, if any. */
export function runningAnswer(conversation: Conversation | undefined): Message | null {
  const last = conversation?.messages.at(-1);
  return last?.role === "assistant" && last.status === "running" ? last : null;
}

/** Whether a conversation is here and no answer in it is being written or awaited. */
export function isAtRest(conversation: Conversation | undefined): boolean {
  return conversation?.load === "ready" && runningAnswer(conversation) === null;
}

/** The question that never arrived, of which nobody but this page knows, or null; tried again, it is one until that is sure. */
export function unsentQuestion(conversation: Conversation | undefined): string | null {
  const [question, answer] = conversation?.messages.slice(-2) ?? [];
  return question?.id === null && answer?.failure ? question.content : null;
}

/** A conversation's title and so on: those of the history are the newest. */
export function summaryOf(state: ChatState, id: string): ConversationSummary | null {
  const listed = state.history.items.find((item) => item.id === id);
  return listed ?? state.conversations[id]?.summary ?? null;
}

/** What the model is told besides the messages of a conversation, null until that is here, or of the one that begins next. */
export function modelSettingsOf(
  state: ChatState,
  conversationId: string | null,
): ModelSettings | null {
  return conversationId === null ? state.newSettings : summaryOf(state, conversationId);
}

/** The model a conversation's next message goes to: one chosen for it, else its own, the preferred, or the default. */
export function selectedModelId(state: ChatState, conversationId: string | null): string | null {
  const known = (id: string | null | undefined) => state.models.find((model) => model.id === id);
  const chosen = conversationId === null ? null : state.chosenModels[conversationId];
  const own = conversationId === null ? null : summaryOf(state, conversationId)?.model_id;
  const fallback = state.models.find((model) => model.default) ?? state.models[0];
  return (known(chosen) ?? known(own) ?? known(state.preferredModelId) ?? fallback)?.id ?? null;
}
