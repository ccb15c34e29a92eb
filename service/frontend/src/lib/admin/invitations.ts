import type { Invitation } from "@/lib/api/admin";

export type InvitationState = "open" | "usedUp" | "expired" | "revoked";

/** Whether a code can still be used, and why not. */
export function invitationState(invitation: Invitation, now: Date): InvitationState {
  if (invitation.revoked_at !== null) return "revoked";
  if (invitation.uses >= invitation.max_uses) return "usedUp";
  return new Date(invitation.expires_at) <= now ? "expired" : "open";
}

/** The address that brings the code into the form. */
export function invitationLink(origin: string, code: string): string {
  return `${origin}/auth?invite=${encodeURIComponent(code)}`;
}
