import type { Figures, Limits } from "./account";
import { Http } from "./http";
import type { ModelHealth } from "./types";

export type Role = "user" | "admin";
export type AccountStatus = "active" | "pending" | "deactivated";

/** Limits of one account; null leaves one to its role, 0 is no limit. */
export type OwnLimits = { [Name in keyof Limits]: number | null };

export interface Account {
  id: string;
  username: string;
  role: Role;
  status: AccountStatus;
  must_change_password: boolean;
  limits: OwnLimits;
  created_at: string;
  last_login_at: string | null;
}

/** A generated password: nobody can read it again. */
export interface NewPassword {
  user: Account;
  password: string;
}

export interface Invitation {
  id: string;
  note: string;
  max_uses: number;
  uses: number;
  created_by: string;
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
}

export interface NewInvitation extends Invitation {
  /** Shown this once. */
  code: string;
}

export interface AuditEntry {
  id: string;
  at: string;
  /** Null where the operator acted, at the command line. */
  actor_id: string | null;
  actor_name: string;
  action: string;
  target_id: string;
  target_name: string;
  details: Readonly<Record<string, unknown>>;
}

export interface ListPage<T> {
  items: T[];
  next: string | null;
}

export type UsageBy = "day" | "model" | "user";

export interface GroupUsage extends Figures {
  key: string;
  label: string;
}

/** How a model is, as far as the slot that answers knows; `detail` is its server's own sentence, in English. */
export interface ModelState extends ModelHealth {
  id: string;
  label: string;
  default: boolean;
  /** Missing where a rollback has put an earlier release behind a page that is still open. */
  visible_to?: "everyone" | "admins";
  detail: string | null;
  last_answer_at: string | null;
  checked_at: string | null;
}

/** Either how long the first word of a model took, or why there was none. */
export interface ModelCheck {
  model_id: string;
  first_token_ms: number | null;
  code: string | null;
  detail: string | null;
  hint: string | null;
}

export interface AccountFilter {
  search: string;
  status: AccountStatus | "";
  role: Role | "";
}

const USERS = "/api/admin/users";
const INVITATIONS = "/api/admin/invitations";

/** What administrators may; the backend refuses everybody else. */
export class AdminClient extends Http {
  users(filter: AccountFilter, after: string | null, limit = 50): Promise<ListPage<Account>> {
    return this.list(USERS, { ...filter, after, limit });
  }

  createUser(username: string, role: Role): Promise<NewPassword> {
    return this.json("POST", USERS, { username, role });
  }

  approve(id: string): Promise<Account> {
    return this.json("POST", `${userPath(id)}/approve`);
  }

  reject(id: string): Promise<void> {
    return this.send("POST", `${userPath(id)}/reject`);
  }

  deactivate(id: string): Promise<Account> {
    return this.json("POST", `${userPath(id)}/deactivate`);
  }

  reactivate(id: string): Promise<Account> {
    return this.json("POST", `${userPath(id)}/reactivate`);
  }

  setRole(id: string, role: Role): Promise<Account> {
    return this.json("PUT", `${userPath(id)}/role`, { role });
  }

  setLimits(id: string, limits: OwnLimits): Promise<Account> {
    return this.json("PUT", `${userPath(id)}/limits`, limits);
  }

  resetPassword(id: string): Promise<NewPassword> {
    return this.json("POST", `${userPath(id)}/reset-password`);
  }

  deleteUser(id: string): Promise<void> {
    return this.send("DELETE", userPath(id));
  }

  invitations(before: string | null, limit = 50): Promise<ListPage<Invitation>> {
    return this.list(INVITATIONS, { before, limit });
  }

  invite(note: string, uses: number, days: number): Promise<NewInvitation> {
    return this.json("POST", INVITATIONS, { note, uses, days });
  }

  revokeInvitation(id: string): Promise<void> {
    return this.send("DELETE", `${INVITATIONS}/${encodeURIComponent(id)}`);
  }

  audit(before: string | null, limit = 50): Promise<ListPage<AuditEntry>> {
    return this.list("/api/admin/audit", { before, limit });
  }

  async usage(by: UsageBy, days: number): Promise<GroupUsage[]> {
    const path = `/api/admin/usage?by=${by}&days=${days}`;
    return (await this.json<{ items: GroupUsage[] }>("GET", path)).items;
  }

  async models(): Promise<ModelState[]> {
    return (await this.json<{ models: ModelState[] }>("GET", "/api/admin/models")).models;
  }

  checkModel(id: string): Promise<ModelCheck> {
    return this.json("POST", `/api/admin/models/${encodeURIComponent(id)}/check`);
  }

  private list<T>(
    path: string,
    query: Readonly<Record<string, string | number | null>>,
  ): Promise<ListPage<T>> {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== "") given.set(name, String(value));
    }
    return this.json("GET", `${path}?${given}`);
  }
}

function userPath(id: string): string {
  return `${USERS}/${encodeURIComponent(id)}`;
}
