import { Http } from "./http";
import type { StreamEvent } from "./stream";
import type {
  Attachment,
  ConversationChange,
  ConversationPage,
  ConversationQuery,
  ConversationSummary,
  Credentials,
  Model,
  ModelSettings,
  OutgoingMessage,
  Registered,
  RegistrationPolicy,
  SearchHits,
  StoredAnswer,
  StoredConversation,
  User,
} from "./types";

/** Speak to the backend for whoever uses the page. */
export class ApiClient extends Http {
  /** Tell how one gets an account here. */
  policy(): Promise<RegistrationPolicy> {
    return this.json("GET", "/api/auth/policy");
  }

  /** Make an account; the code is read where one needs an invitation. */
  register(credentials: Credentials, invitation: string | null = null): Promise<Registered> {
    const body = invitation === null ? credentials : { ...credentials, invitation };
    return this.json("POST", "/api/auth/register", body);
  }

  async login(credentials: Credentials): Promise<User> {
    const answer = await this.json<{ user: User }>("POST", "/api/auth/login", credentials);
    return answer.user;
  }

  logout(): Promise<void> {
    return this.send("POST", "/api/auth/logout");
  }

  me(): Promise<User> {
    return this.json("GET", "/api/auth/me");
  }

  changePassword(current: string, next: string): Promise<void> {
    const body = { current_password: current, new_password: next };
    return this.send("POST", "/api/auth/change-password", body);
  }

  async models(): Promise<Model[]> {
    return (await this.json<{ models: Model[] }>("GET", "/api/models")).models;
  }

  conversations({ limit = 40, ...wanted }: ConversationQuery = {}): Promise<ConversationPage> {
    const query = new URLSearchParams({ limit: String(limit) });
    for (const [name, value] of Object.entries(wanted)) {
      if (value !== null) query.set(name, String(value));
    }
    return this.json("GET", `/api/conversations?${query}`);
  }

  createConversation(
    modelId: string | null,
    settings: ModelSettings,
  ): Promise<ConversationSummary> {
    const model = modelId === null ? {} : { model_id: modelId };
    return this.json("POST", "/api/conversations", { ...model, ...settings });
  }

  conversation(id: string): Promise<StoredConversation> {
    return this.json("GET", `/api/conversations/${encodeURIComponent(id)}`);
  }

  changeConversation(id: string, change: ConversationChange): Promise<ConversationSummary> {
    return this.json("PATCH", `/api/conversations/${encodeURIComponent(id)}`, change);
  }

  deleteConversation(id: string): Promise<void> {
    return this.send("DELETE", `/api/conversations/${encodeURIComponent(id)}`);
  }

  /** Find words in one's own conversations, the best hits first. */
  search(words: string, offset = 0): Promise<SearchHits> {
    const query = new URLSearchParams({ q: words, offset: String(offset) });
    return this.json("GET", `/api/search?${query}`);
  }

  /** Send a message and yield the answer's events. Throws `ApiError` when the stream cannot begin or breaks. */
  streamAnswer(
    conversationId: string,
    message: OutgoingMessage,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    const path = `/api/conversations/${encodeURIComponent(conversationId)}/messages`;
    return this.events("POST", path, signal, message);
  }

  /** Have the last answer anew; yields as `streamAnswer`. */
  regenerateAnswer(
    messageId: string,
    modelId: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    const body = modelId === null ? {} : { model_id: modelId };
    return this.events("POST", `${messagePath(messageId)}/regenerate`, signal, body);
  }

  /** Ask a question in other words, in the place of what followed it; yields as `streamAnswer`. */
  editQuestion(
    messageId: string,
    message: OutgoingMessage,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    return this.events("POST", `${messagePath(messageId)}/edit`, signal, message);
  }

  /** Go on reading an answer after a cursor: what is missing comes in one piece, and there is no `start`. */
  resumeAnswer(messageId: string, after: string, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    const query = new URLSearchParams({ after });
    return this.events("GET", `${messagePath(messageId)}/stream?${query}`, signal);
  }

  /** The answers that one has replaced, the oldest first. */
  async earlierAnswers(messageId: string): Promise<StoredAnswer[]> {
    const path = `${messagePath(messageId)}/versions`;
    return (await this.json<{ answers: StoredAnswer[] }>("GET", path)).answers;
  }

  stopAnswer(messageId: string): Promise<void> {
    return this.send("POST", `${messagePath(messageId)}/stop`);
  }

  async upload(file: File): Promise<Attachment> {
    const form = new FormData();
    form.set("file", file, file.name);
    const response = await this.request("POST", "/api/attachments", { body: form });
    return (await response.json()) as Attachment;
  }

  /** Where a conversation can be had as a file. */
  exportUrl(id: string, format: "markdown" | "json"): string {
    return `${this.baseUrl}/api/conversations/${encodeURIComponent(id)}/export?format=${format}`;
  }

  attachmentUrl(id: string): string {
    return `${this.baseUrl}/api/attachments/${encodeURIComponent(id)}`;
  }
}

function messagePath(id: string): string {
  return `/api/messages/${encodeURIComponent(id)}`;
}
