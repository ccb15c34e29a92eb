import type { AdminTexts } from "@/i18n/admin";
import type { Account } from "@/lib/api/admin";

export type ActName = keyof AdminTexts["acts"];

/** What can be done with an account, in the order of a menu; what needs no dialog comes first. */
export function actsFor(account: Account, ownId: string): ActName[] {
  if (account.status === "pending") return ["approve", "reject"];
  const role: ActName = account.role === "admin" ? "makeUser" : "makeAdmin";
  // One's own account: what would lock oneself out is not offered beside the harmless.
  if (account.id === ownId) return ["setLimits"];
  const state: ActName = account.status === "active" ? "deactivate" : "reactivate";
  return ["setLimits", role, "resetPassword", state, "remove"];
}

/** Read a limit as it was typed: null for an empty field, undefined for what is no limit. */
export function readLimit(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  return wholeNumber(trimmed, 0, 2 ** 31 - 1);
}

/** Read a whole number within bounds, or return undefined. */
export function wholeNumber(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,10}$/.test(text.trim())) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}
