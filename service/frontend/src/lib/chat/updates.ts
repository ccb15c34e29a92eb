import type { ConversationSummary } from "@/lib/api/types";
import { type ChatState, type Conversation, type Message, summaryOf } from "./state";

/** A conversation of which nothing is here yet. */
export function emptyConversation(id: string, load: Conversation["load"]): Conversation {
  return { id, load, messages: [], summary: null, refusal: null, refusedEdit: null };
}

export function putConversation(state: ChatState, conversation: Conversation): ChatState {
  return {
    ...state,
    conversations: { ...state.conversations, [conversation.id]: conversation },
  };
}

/** Change the messages of a conversation that is here. */
export function updateConversation(
  state: ChatState,
  id: string,
  change: (messages: Message[]) => Message[],
): ChatState {
  const conversation = state.conversations[id];
  if (conversation === undefined) return state;
  return changeConversation(state, id, { messages: change(conversation.messages) });
}

/**
 * The exchanges of which only this page knows, beside what the backend has now. A question may have arrived of
 * which only the confirmation was lost: then it is known there by its words and files, and new here.
 */
export function notArrived(shown: readonly Message[], stored: readonly Message[]): Message[] {
  const known = new Set(shown.map(({ id }) => id));
  const arrived = stored.filter(({ id, role }) => role === "user" && !known.has(id)).map(asked);
  let isThere = false;
  return shown.filter((message) => {
    if (message.role === "user") {
      const place = message.id === null ? arrived.indexOf(asked(message)) : -1;
      isThere = place >= 0;
      if (isThere) arrived.splice(place, 1);
    }
    return message.id === null && !isThere;
  });
}

/** What a question is known by where it has no id yet; the backend may have its files in another order. */
function asked({ content, attachments }: Message): string {
  return JSON.stringify([content, ...attachments.map(({ id }) => id).sort()]);
}

/** Change one message. */
export function updateMessage(
  state: ChatState,
  id: string,
  key: string,
  change: Partial<Message>,
): ChatState {
  return updateConversation(state, id, (messages) =>
    messages.map((message) => (message.key === key ? { ...message, ...change } : message)),
  );
}

/** Change what is here of a conversation. */
export function changeConversation(
  state: ChatState,
  id: string,
  change: Partial<Conversation>,
): ChatState {
  const conversation = state.conversations[id];
  return conversation ? putConversation(state, { ...conversation, ...change }) : state;
}

/** Change what is known of a conversation, in the history and beside it. */
export function touchSummary(
  state: ChatState,
  id: string,
  change: Partial<ConversationSummary>,
): ChatState {
  const items = state.history.items.map((item) => (item.id === id ? { ...item, ...change } : item));
  const next = { ...state, history: { ...state.history, items } };
  const summary = state.conversations[id]?.summary;
  return summary ? changeConversation(next, id, { summary: { ...summary, ...change } }) : next;
}

/** Take what the backend says of a conversation: the archive is no part of the history. */
export function takeSummary(state: ChatState, summary: ConversationSummary): ChatState {
  const next = touchSummary(state, summary.id, summary);
  const others = next.history.items.filter((item) => item.id !== summary.id);
  const listed = others.length < next.history.items.length;
  if (summary.archived) return { ...next, history: { ...next.history, items: others } };
  if (listed) return next;
  return { ...next, history: { ...next.history, items: [summary, ...others] } };
}

/** Change a conversation that was just used, which makes it the first of the history. */
export function moveToTop(
  state: ChatState,
  id: string,
  change: Partial<ConversationSummary>,
): ChatState {
  const next = touchSummary(state, id, change);
  const moved = summaryOf(next, id);
  if (moved === null || moved.archived) return next;
  const others = next.history.items.filter((item) => item.id !== id);
  return { ...next, history: { ...next.history, items: [moved, ...others] } };
}
