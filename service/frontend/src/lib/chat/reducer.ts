import type { StreamEvent } from "@/lib/api/stream";
import type {
  Attachment,
  ConversationPage,
  ConversationSummary,
  Model,
  ModelSettings,
  StoredConversation,
} from "@/lib/api/types";
import { NO_SETTINGS } from "./model-settings";
import {
  type ChatState,
  type Conversation,
  type Failure,
  type Message,
  messageFromStored,
  type RefusedEdit,
} from "./state";
import {
  changeConversation,
  emptyConversation,
  moveToTop,
  notArrived,
  putConversation,
  takeSummary,
  touchSummary,
  updateConversation,
  updateMessage,
} from "./updates";

/** Everything that can change what the chat page shows. Times and keys come with the action. */
export type ChatAction =
  | { type: "models/loaded"; models: Model[] }
  | { type: "model/chosen"; conversationId: string | null; modelId: string }
  | { type: "settings/chosen"; settings: ModelSettings }
  | { type: "history/loaded"; page: ConversationPage; append: boolean }
  | { type: "history/failed" }
  | { type: "conversation/created"; summary: ConversationSummary }
  | { type: "conversation/loading"; id: string }
  | { type: "conversation/loaded"; conversation: StoredConversation }
  | { type: "conversation/failed"; id: string; missing: boolean }
  | { type: "conversation/changed"; summary: ConversationSummary }
  | { type: "conversation/removed"; id: string }
  | {
      type: "message/sent";
      conversationId: string;
      userKey: string;
      answerKey: string;
      content: string;
      attachments: Attachment[];
      modelId: string | null;
      at: string;
    }
  | { type: "message/withdrawn"; conversationId: string; answerKey: string }
  | {
      /** The same question, or other words in its place: what followed it goes, another answer is awaited. */
      type: "question/asked-again";
      conversationId: string;
      questionKey: string;
      content: string;
      answerKey: string;
      modelId: string | null;
      earlier: number;
      at: string;
    }
  | { type: "messages/restored"; conversationId: string; messages: Message[]; refusal: Failure }
  | { type: "edit/refused"; conversationId: string; edit: RefusedEdit }
  | { type: "edit/ended"; conversationId: string }
  | { type: "message/sought"; conversationId: string; messageId: string }
  | { type: "message/found" }
  | { type: "answer/reopened"; conversationId: string; answerKey: string }
  /** Its answer keeps why it had failed until it is known whether the question had arrived. */
  | { type: "question/tried-again"; conversationId: string; answerKey: string }
  | { type: "answer/events"; conversationId: string; answerKey: string; events: StreamEvent[] }
  | { type: "answer/failed"; conversationId: string; answerKey: string; failure: Failure };

export function chatReducer(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "models/loaded":
      return { ...state, models: action.models };
    case "model/chosen":
      return chooseModel(state, action.conversationId, action.modelId);
    case "settings/chosen":
      return { ...state, newSettings: action.settings };
    case "history/loaded":
      return loadHistory(state, action.page, action.append);
    case "history/failed":
      return { ...state, history: { ...state.history, load: "failed" } };
    case "conversation/created":
      return addConversation(state, action.summary);
    case "conversation/loading":
      if (state.conversations[action.id]?.load === "ready") return state;
      return putConversation(state, emptyConversation(action.id, "loading"));
    case "conversation/loaded":
      return loadConversation(state, action.conversation);
    case "conversation/failed":
      // What is already on the page stays there: a failed refresh takes nothing away.
      if (!action.missing && state.conversations[action.id]?.load === "ready") return state;
      return putConversation(
        state,
        emptyConversation(action.id, action.missing ? "missing" : "failed"),
      );
    case "conversation/changed":
      return takeSummary(state, action.summary);
    case "conversation/removed":
      return removeConversation(state, action.id);
    case "message/sent":
      return sendMessage(state, action);
    case "message/withdrawn":
      return updateConversation(state, action.conversationId, (messages) => {
        const answer = messages.findIndex((message) => message.key === action.answerKey);
        return answer < 1 ? messages : messages.toSpliced(answer - 1, 2);
      });
    case "question/asked-again":
      return askAgain(state, action);
    case "messages/restored":
      return changeConversation(state, action.conversationId, {
        messages: action.messages,
        refusal: action.refusal,
      });
    case "edit/refused":
      return changeConversation(state, action.conversationId, { refusedEdit: action.edit });
    case "edit/ended":
      return changeConversation(state, action.conversationId, { refusedEdit: null });
    case "message/sought": {
      const { conversationId, messageId } = action;
      return { ...state, sought: { conversationId, messageId } };
    }
    case "message/found":
      return { ...state, sought: null };
    case "answer/reopened":
      return updateMessage(state, action.conversationId, action.answerKey, {
        status: "running",
        failure: null,
      });
    case "question/tried-again":
      return updateMessage(state, action.conversationId, action.answerKey, { status: "running" });
    case "answer/events":
      return applyEvents(state, action.conversationId, action.answerKey, action.events);
    case "answer/failed":
      return updateMessage(state, action.conversationId, action.answerKey, {
        status: "error",
        failure: action.failure,
      });
    default:
      return action satisfies never;
  }
}

function chooseModel(state: ChatState, conversationId: string | null, modelId: string): ChatState {
  const preferred = { ...state, preferredModelId: modelId };
  if (conversationId === null) return preferred;
  return { ...preferred, chosenModels: { ...state.chosenModels, [conversationId]: modelId } };
}

function loadHistory(state: ChatState, page: ConversationPage, append: boolean): ChatState {
  const kept = append ? state.history.items : [];
  const known = new Set(kept.map((item) => item.id));
  const items = [...kept, ...page.items.filter((item) => !known.has(item.id))];
  return { ...state, history: { load: "ready", items, next: page.next } };
}

function addConversation(state: ChatState, summary: ConversationSummary): ChatState {
  const others = state.history.items.filter((item) => item.id !== summary.id);
  return {
    ...state,
    newSettings: NO_SETTINGS,
    history: { ...state.history, items: [summary, ...others] },
    conversations: {
      ...state.conversations,
      [summary.id]: { ...emptyConversation(summary.id, "ready"), summary },
    },
  };
}

/** Take the stored messages, keeping each element's key so that nothing flickers on a refresh. */
function loadConversation(state: ChatState, stored: StoredConversation): ChatState {
  const shown = state.conversations[stored.id]?.messages ?? [];
  const shownById = new Map(shown.map((message) => [message.id, message]));
  const messages = stored.messages
    .map(messageFromStored)
    .filter((message) => message !== null)
    .map((message) => {
      const before = shownById.get(message.id);
      return before ? { ...message, key: before.key } : message;
    });
  messages.push(...notArrived(shown, messages));
  const { messages: _, ...summary } = stored;
  const before = state.conversations[stored.id] ?? emptyConversation(stored.id, "ready");
  const conversation: Conversation = { ...before, load: "ready", messages, summary };
  return touchSummary(putConversation(state, conversation), stored.id, summary);
}

function removeConversation(state: ChatState, id: string): ChatState {
  const { [id]: _, ...conversations } = state.conversations;
  const items = state.history.items.filter((item) => item.id !== id);
  return { ...state, conversations, history: { ...state.history, items } };
}

function sendMessage(
  state: ChatState,
  sent: Extract<ChatAction, { type: "message/sent" }>,
): ChatState {
  const answer = awaitedAnswer(sent.answerKey, sent.modelId, sent.at);
  const question: Message = {
    ...answer,
    key: sent.userKey,
    role: "user",
    content: sent.content,
    status: "complete",
    attachments: sent.attachments,
  };
  const told = changeConversation(state, sent.conversationId, { refusal: null });
  const next = updateConversation(told, sent.conversationId, (messages) => [
    ...messages,
    question,
    answer,
  ]);
  return moveToTop(next, sent.conversationId, { updated_at: sent.at });
}

function askAgain(
  state: ChatState,
  asked: Extract<ChatAction, { type: "question/asked-again" }>,
): ChatState {
  const told = changeConversation(state, asked.conversationId, { refusal: null });
  const next = updateConversation(told, asked.conversationId, (messages) => {
    const index = messages.findIndex((message) => message.key === asked.questionKey);
    const question = messages[index];
    if (question === undefined) return messages;
    const answer = awaitedAnswer(asked.answerKey, asked.modelId, asked.at);
    return [
      ...messages.slice(0, index),
      { ...question, content: asked.content },
      { ...answer, earlier: asked.earlier },
    ];
  });
  return moveToTop(next, asked.conversationId, { updated_at: asked.at });
}

function awaitedAnswer(key: string, modelId: string | null, createdAt: string): Message {
  return {
    key,
    id: null,
    role: "assistant",
    content: "",
    reasoning: "",
    status: "running",
    modelId,
    attachments: [],
    createdAt,
    usage: null,
    failure: null,
    earlier: 0,
  };
}

function applyEvents(
  state: ChatState,
  conversationId: string,
  answerKey: string,
  events: StreamEvent[],
): ChatState {
  const next = updateConversation(state, conversationId, (messages) => {
    const index = messages.findIndex((message) => message.key === answerKey);
    const answer = messages[index];
    if (answer === undefined) return messages;
    const updated = messages.with(index, events.reduce(applyEvent, answer));
    const start = events.find((event) => event.type === "start");
    const question = messages[index - 1];
    return start && question
      ? updated.with(index - 1, { ...question, id: start.userMessageId })
      : updated;
  });
  const title = events.find((event) => event.type === "start")?.title;
  return title ? touchSummary(next, conversationId, { title }) : next;
}

/** What one event does to the answer it belongs to. */
export function applyEvent(answer: Message, event: StreamEvent): Message {
  switch (event.type) {
    case "start":
      return { ...answer, id: event.messageId };
    case "reasoning":
      return { ...answer, reasoning: answer.reasoning + event.text };
    case "token":
      return { ...answer, content: answer.content + event.text };
    case "usage":
      return { ...answer, usage: event.usage };
    case "error": {
      const { code, message, retryable } = event;
      return { ...answer, failure: { code, message, retryable } };
    }
    case "done":
      return { ...answer, status: event.status };
    default:
      return event satisfies never;
  }
}
