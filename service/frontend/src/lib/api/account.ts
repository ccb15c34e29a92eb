import { Http } from "./http";

export interface Limits {
  /** 0 is no limit. */
  messages_per_minute: number;
  streams: number;
  tokens_per_day: number;
}

export interface Figures {
  requests: number;
  prompt_tokens: number;
  completion_tokens: number;
}

/** The figures of one model on one day (UTC). */
export interface DayUsage extends Figures {
  day: string;
  model_id: string;
}

export interface OwnUsage {
  limits: Limits;
  messages_last_minute: number;
  streams: number;
  tokens_today: number;
  days: DayUsage[];
}

/** A key for programs, without its secret part. */
export interface ApiKey {
  id: string;
  name: string;
  /** How it begins, by which one knows it again. */
  prefix: string;
  created_at: string;
  last_used_at: string | null;
}

/** A new key: shown this once. */
export interface NewApiKey extends ApiKey {
  key: string;
}

/** What one sees of one's own account. */
export class AccountClient extends Http {
  usage(days: number): Promise<OwnUsage> {
    return this.json("GET", `/api/usage?days=${days}`);
  }

  async keys(): Promise<ApiKey[]> {
    return (await this.json<{ items: ApiKey[] }>("GET", "/api/keys")).items;
  }

  createKey(name: string): Promise<NewApiKey> {
    return this.json("POST", "/api/keys", { name });
  }

  revokeKey(id: string): Promise<void> {
    return this.send("DELETE", `/api/keys/${encodeURIComponent(id)}`);
  }
}
