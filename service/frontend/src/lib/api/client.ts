import { ApiError } from "./errors";
import { Http } from "./http";
import { readStreamEvents, type StreamEvent } from "./stream";
import type {
  Attachment,
  ConversationPage,
  ConversationSummary,
  Credentials,
  Model,
  OutgoingMessage,
  Registered,
  RegistrationPolicy,
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

  conversations(before: string | null = null, limit = 40): Promise<ConversationPage> {
    const query = new URLSearchParams({ limit: String(limit) });
    if (before !== null) query.set("before", before);
    return this.json("GET", `/api/conversations?${query}`);
  }

  createConversation(modelId: string | null): Promise<ConversationSummary> {
    return this.json("POST", "/api/conversations", modelId === null ? {} : { model_id: modelId });
  }

  conversation(id: string): Promise<StoredConversation> {
    return this.json("GET", `/api/conversations/${encodeURIComponent(id)}`);
  }

  renameConversation(id: string, title: string): Promise<void> {
    return this.send("PATCH", `/api/conversations/${encodeURIComponent(id)}`, { title });
  }

  deleteConversation(id: string): Promise<void> {
    return this.send("DELETE", `/api/conversations/${encodeURIComponent(id)}`);
  }

  /** Send a message and yield the answer's events. Throws `ApiError` when the stream cannot begin or breaks. */
  async *streamAnswer(
    conversationId: string,
    message: OutgoingMessage,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    const path = `/api/conversations/${encodeURIComponent(conversationId)}/messages`;
    const response = await this.request("POST", path, {
      body: JSON.stringify(message),
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      signal,
    });
    if (response.body === null) throw ApiError.network("the answer has no body");
    yield* readStreamEvents(response.body);
  }

  stopAnswer(messageId: string): Promise<void> {
    return this.send("POST", `/api/messages/${encodeURIComponent(messageId)}/stop`);
  }

  async upload(file: File): Promise<Attachment> {
    const form = new FormData();
    form.set("file", file, file.name);
    const response = await this.request("POST", "/api/attachments", { body: form });
    return (await response.json()) as Attachment;
  }

  /** Upload a file that was sent before once more: each belongs to one message. */
  async copyAttachment(attachment: Attachment): Promise<Attachment> {
    const path = `/api/attachments/${encodeURIComponent(attachment.id)}`;
    const content = await (await this.request("GET", path, {})).blob();
    return this.upload(new File([content], attachment.filename, { type: attachment.media_type }));
  }

  attachmentUrl(id: string): string {
    return `${this.baseUrl}/api/attachments/${encodeURIComponent(id)}`;
  }
}
