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

/** What one sees of one's own account. */
export class AccountClient extends Http {
  usage(days: number): Promise<OwnUsage> {
    return this.json("GET", `/api/usage?days=${days}`);
  }
}
