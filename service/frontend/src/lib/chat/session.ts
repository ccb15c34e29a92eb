import type { ApiClient } from "@/lib/api/client";
import type { StreamEvent } from "@/lib/api/stream";
import type {
  Attachment,
  ConversationChange,
  ModelSettings,
  OutgoingMessage,
} from "@/lib/api/types";
import { ConversationLoader } from "./conversation-loader";
import { HistoryLoader } from "./history-loader";
import { AnswerReader, type ReaderHooks } from "./reader";
import {
  type Failure,
  isAtRest,
  isReturned,
  type Message,
  messageFromAnswer,
  runningAnswer,
  selectedModelId,
  summaryOf,
} from "./state";
import type { ChatStore } from "./store";

/** When to look for the title of a new conversation. */
const TITLE_PAUSES_MS = [1_500, 3_000, 6_000];

export interface SessionHooks extends ReaderHooks {
  /** The page was left before it was known that these words didn't arrive: they belong into their field. */
  onLost: (conversationId: string, words: string) => void;
}

/** Do what the user asks: call the backend and tell the store what came of it. */
export class ChatSession {
  readonly conversations: ConversationLoader;
  readonly history: HistoryLoader;
  private readonly reader: AnswerReader;
  private keys = 0;

  constructor(
    private readonly api: ApiClient,
    private readonly store: ChatStore,
    private readonly hooks: SessionHooks,
  ) {
    this.reader = new AnswerReader(api, store, hooks);
    this.conversations = new ConversationLoader(api, store, this.reader);
    this.history = new HistoryLoader(api, store, (error) => this.reader.noticeSignOut(error));
  }

  async loadModels(): Promise<void> {
    try {
      this.store.dispatch({ type: "models/loaded", models: await this.api.models() });
    } catch (error) {
      this.reader.noticeSignOut(error);
    }
  }

  /** Rename, pin or archive a conversation. */
  async change(id: string, change: ConversationChange): Promise<void> {
    const summary = await this.api.changeConversation(id, change);
    this.store.dispatch({ type: "conversation/changed", summary });
  }

  /** Tell the model something besides the messages from now on, or in the conversation that begins next. */
  async applySettings(conversationId: string | null, settings: ModelSettings): Promise<void> {
    if (conversationId !== null) await this.change(conversationId, settings);
    else this.store.dispatch({ type: "settings/chosen", settings });
  }

  async remove(id: string): Promise<void> {
    await this.api.deleteConversation(id);
    this.store.dispatch({ type: "conversation/removed", id });
  }

  /** Make the conversation a first message needs, and return its id. */
  async createConversation(): Promise<string> {
    const state = this.store.getState();
    const modelId = selectedModelId(state, null);
    const summary = await this.api.createConversation(modelId, state.newSettings);
    this.store.dispatch({ type: "conversation/created", summary });
    return summary.id;
  }

  /** Send a message; false when it was refused as it is, or by a limit, which takes it back from the conversation. */
  async send(conversationId: string, content: string, attachments: Attachment[]): Promise<boolean> {
    const before = this.messages(conversationId);
    const { answerKey, failure } = await this.ask(conversationId, content, attachments);
    if (failure !== null && isReturned(failure)) {
      const restored = { conversationId, messages: before, refusal: failure };
      this.store.dispatch({ type: "messages/restored", ...restored });
      return false;
    }
    await this.settle(conversationId, answerKey, failure);
    return true;
  }

  /** Try a failed answer again: go on reading it, have it anew, or ask a question that never arrived. */
  async retry(conversationId: string, answerKey: string): Promise<void> {
    const [question, answer] = this.exchange(conversationId, answerKey);
    if (question === undefined || answer === undefined || answer.status === "running") return;
    if (answer.id !== null && answer.failure?.code === "network") {
      this.store.dispatch({ type: "answer/reopened", conversationId, answerKey });
      await this.conversations.readOn(conversationId, answer);
    } else if (question.id !== null) {
      await this.regenerate(conversationId, answerKey);
    } else {
      // It is on its way from now on: a second click would ask it once more.
      this.store.dispatch({ type: "question/tried-again", conversationId, answerKey });
      const [, awaited] = this.exchange(conversationId, answerKey);
      if (!awaited || !(await this.conversations.catchUp(conversationId, awaited))) return;
      // Whoever has left meanwhile finds its words in their field: there they have been kept till now.
      if (this.reader.left) return;
      this.store.dispatch({ type: "message/withdrawn", conversationId, answerKey });
      const { content, attachments } = question;
      const asked = await this.ask(conversationId, content, attachments);
      await this.settle(conversationId, asked.answerKey, asked.failure);
      if (asked.failure !== null) this.giveBack(conversationId, content);
    }
  }

  /** Answer the last question anew, by the model that is chosen now. */
  async regenerate(conversationId: string, answerKey: string): Promise<void> {
    const [question, answer] = this.exchange(conversationId, answerKey);
    const id = answer?.id ?? null;
    if (question === undefined || answer === undefined || id === null) return;
    const modelId = selectedModelId(this.store.getState(), conversationId);
    const kept = answer.content !== "" || answer.reasoning !== "";
    const earlier = answer.earlier + (kept ? 1 : 0);
    await this.askAgain(conversationId, question, question.content, earlier, (signal) =>
      this.api.regenerateAnswer(id, modelId, signal),
    );
  }

  /** Ask a question in other words; what followed it goes. False when it can't be or was refused: all is as before but these words. */
  async edit(conversationId: string, questionKey: string, content: string): Promise<boolean> {
    const question = this.messages(conversationId).find(({ key }) => key === questionKey);
    const id = question?.id ?? null;
    const atRest = isAtRest(this.store.getState().conversations[conversationId]);
    const outgoing = this.outgoing(conversationId, content);
    const done =
      question !== undefined &&
      id !== null &&
      atRest &&
      (await this.askAgain(conversationId, question, content, 0, (signal) =>
        this.api.editQuestion(id, outgoing, signal),
      ));
    const edit = { questionKey, content };
    if (!done) {
      this.store.dispatch({ type: "edit/refused", conversationId, edit });
      this.giveBack(conversationId, content);
    }
    return done;
  }

  /** The answers that one has replaced, the oldest first. */
  async earlierAnswers(messageId: string): Promise<Message[]> {
    return (await this.api.earlierAnswers(messageId)).map(messageFromAnswer);
  }

  /** Stop the running answer for good: the backend closes the model's stream too. */
  async stop(conversationId: string): Promise<void> {
    const answer = runningAnswer(this.store.getState().conversations[conversationId]);
    if (answer === null) return;
    const { id, key: answerKey, failure } = answer;
    if (id !== null) await this.reader.stop(id);
    else if (failure === null) this.reader.stopLater(answerKey);
    // Its question was only tried again.
    else this.store.dispatch({ type: "answer/failed", conversationId, answerKey, failure });
  }

  /** Come to the page: fetch what it shows beside a conversation. */
  enter(): void {
    this.reader.enter();
    void this.loadModels();
    void this.history.load();
  }

  /** Leave the page or log out: let go of every stream. */
  leave(): void {
    this.reader.leave();
  }

  /** Show a question and its answer as it comes; tell why that never began, if it didn't. */
  private async ask(conversationId: string, content: string, attachments: Attachment[]) {
    const outgoing = this.outgoing(conversationId, content);
    if (attachments.length > 0) outgoing.attachment_ids = attachments.map(({ id }) => id);
    const answerKey = this.newKey();
    this.store.dispatch({
      type: "message/sent",
      conversationId,
      userKey: this.newKey(),
      answerKey,
      content,
      attachments,
      modelId: outgoing.model_id ?? null,
      at: this.hooks.now(),
    });
    const failure = await this.reader.read(conversationId, answerKey, (signal) =>
      this.api.streamAnswer(conversationId, outgoing, signal),
    );
    return { answerKey, failure };
  }

  /** Say what came of a question: why there is no answer, or after the first one a title. */
  private async settle(
    conversationId: string,
    answerKey: string,
    failure: Failure | null,
  ): Promise<void> {
    if (failure !== null) {
      this.store.dispatch({ type: "answer/failed", conversationId, answerKey, failure });
    } else if (this.messages(conversationId).length === 2) {
      await this.awaitTitle(conversationId);
    }
  }

  /** After its first answer a conversation gets a title in the model's words, a moment later. */
  private async awaitTitle(id: string): Promise<void> {
    const known = () => summaryOf(this.store.getState(), id);
    const before = known()?.title;
    for (const pause of TITLE_PAUSES_MS) {
      await this.hooks.sleep(pause);
      const stored = await this.api.conversation(id).catch(() => null);
      const now = known();
      if (stored === null || now === null || now.title !== before) return;
      if (stored.title === before) continue;
      // The title alone: it may have been pinned or archived here meanwhile.
      this.store.dispatch({
        type: "conversation/changed",
        summary: { ...now, title: stored.title },
      });
      return;
    }
  }

  private async askAgain(
    conversationId: string,
    question: Message,
    content: string,
    earlier: number,
    open: (signal: AbortSignal) => AsyncGenerator<StreamEvent>,
  ): Promise<boolean> {
    const before = this.messages(conversationId);
    const answerKey = this.newKey();
    this.store.dispatch({
      type: "question/asked-again",
      conversationId,
      questionKey: question.key,
      content,
      answerKey,
      modelId: selectedModelId(this.store.getState(), conversationId),
      earlier,
      at: this.hooks.now(),
    });
    const refusal = await this.reader.read(conversationId, answerKey, open);
    if (refusal === null) return true;
    this.store.dispatch({ type: "messages/restored", conversationId, messages: before, refusal });
    // Something may have changed elsewhere, which is why it was refused. An answer that is written there isn't waited for.
    void this.conversations.open(conversationId);
    return false;
  }

  /** Keep words that didn't arrive where nobody sees that any more. */
  private giveBack(conversationId: string, words: string): void {
    if (this.reader.left) this.hooks.onLost(conversationId, words);
  }

  private outgoing(conversationId: string, content: string): OutgoingMessage {
    const modelId = selectedModelId(this.store.getState(), conversationId);
    return modelId === null ? { content } : { content, model_id: modelId };
  }

  private messages(conversationId: string): Message[] {
    return this.store.getState().conversations[conversationId]?.messages ?? [];
  }

  /** An answer and the question before it. */
  private exchange(conversationId: string, answerKey: string): (Message | undefined)[] {
    const messages = this.messages(conversationId);
    const index = messages.findIndex(({ key }) => key === answerKey);
    return [messages[index - 1], messages[index]];
  }

  private newKey(): string {
    // Not crypto.randomUUID: browsers withhold it from pages served over plain http.
    this.keys += 1;
    return `local-${this.keys}`;
  }
}
