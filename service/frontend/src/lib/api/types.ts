/** The shapes the backend speaks, written by hand from its contract (`/docs` shows the same). */

export interface User {
  id: string;
  username: string;
  is_admin: boolean;
  must_change_password: boolean;
}

export interface Credentials {
  username: string;
  password: string;
}

/** Who may make an account of their own. */
export type Registration = "open" | "approval" | "invite" | "closed";

export interface RegistrationPolicy {
  registration: Registration;
}

export interface Registered {
  user: User;
  /** An administrator has to approve the account before it can log in. */
  pending: boolean;
}

/** How a model is, as far as is known; while it fails, the code of its errors and since when. */
export interface ModelHealth {
  state: "ok" | "failing" | "unknown";
  code: string | null;
  since: string | null;
}

export interface Model {
  id: string;
  label: string;
  default: boolean;
  /** Whether it sees images. */
  vision: boolean;
  /** Missing where a rollback has put an earlier release behind a page that is still open. */
  health?: ModelHealth;
}

/** What the model is told besides the messages; null leaves it to the model server. */
export interface ModelSettings {
  system_prompt: string | null;
  temperature: number | null;
  top_p: number | null;
  max_tokens: number | null;
}

export interface ConversationSummary extends ModelSettings {
  id: string;
  title: string;
  model_id: string | null;
  pinned: boolean;
  archived: boolean;
  created_at: string;
  updated_at: string;
}

/** What can be set of a conversation. */
export type ConversationChange = Partial<
  Pick<ConversationSummary, "title" | "pinned" | "archived"> & ModelSettings
>;

/** Which conversations to list; without `pinned`, all. */
export interface ConversationQuery {
  before?: string | null;
  limit?: number;
  archived?: boolean;
  pinned?: boolean;
}

export interface ConversationPage {
  items: ConversationSummary[];
  next: string | null;
}

export interface Attachment {
  id: string;
  filename: string;
  media_type: string;
  size: number;
}

export interface Usage {
  prompt_tokens: number | null;
  completion_tokens: number | null;
}

/** `running` may be seen by a page that did not start the answer: it goes on without a browser. */
export type AnswerStatus = "running" | "complete" | "error" | "stopped" | "interrupted";

/** What was said, and how it ended. */
export interface StoredAnswer {
  id: string;
  content: string;
  reasoning: string | null;
  status: AnswerStatus;
  model_id: string | null;
  /** Why an answer with status `error` failed. */
  error_code: string | null;
  error_message: string | null;
  retryable: boolean | null;
  created_at: string;
  usage: Usage | null;
}

export interface StoredMessage extends StoredAnswer {
  role: "user" | "assistant" | "system";
  attachments: Attachment[];
  /** How many answers this one has replaced. */
  earlier: number;
}

export interface StoredConversation extends ConversationSummary {
  messages: StoredMessage[];
}

/** A message, or without one a conversation's title, that holds everything looked for. */
export interface SearchHit {
  conversation_id: string;
  title: string;
  archived: boolean;
  message_id: string | null;
  role: string | null;
  at: string;
  snippet: { text: string; hit: boolean }[];
}

export interface SearchHits {
  items: SearchHit[];
  next: number | null;
}

export interface OutgoingMessage {
  content: string;
  model_id?: string;
  attachment_ids?: string[];
}
