"use client";

import { useAct } from "@/components/frame/use-act";
import { useTexts } from "@/components/preferences";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useFormats } from "@/components/usage/use-formats";
import { fill } from "@/i18n";
import { invitationState } from "@/lib/admin/invitations";
import type { Invitation } from "@/lib/api/admin";
import { textForError } from "@/lib/error-text";
import { useAdminApi, useAdminTexts } from "./use-admin";

interface Props {
  invitations: readonly Invitation[];
  onRevoked: (invitation: Invitation) => void;
}

/** Invitations, those included that can't be used any more. */
export function InvitationTable({ invitations, onRevoked }: Props) {
  const api = useAdminApi();
  const texts = useTexts();
  const { invitations: words } = useAdminTexts();
  const format = useFormats();
  const { busy, failure, run } = useAct();
  if (invitations.length === 0) return null;
  const now = new Date();

  const revoke = (invitation: Invitation) =>
    run(async () => {
      await api.revokeInvitation(invitation.id);
      onRevoked({ ...invitation, revoked_at: new Date().toISOString() });
    });

  return (
    <>
      {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
      <table className="mt-2 w-full text-sm">
        <caption className="sr-only">{words.list}</caption>
        <thead className="text-xs text-quiet">
          <tr className="border-b border-line">
            <th className="py-2.5 pe-3 text-start font-medium" scope="col">
              {words.forWhom}
            </th>
            <th className="px-3 py-2.5 text-start font-medium" scope="col">
              {words.state}
            </th>
            <th
              className="px-3 py-2.5 text-start font-medium whitespace-nowrap max-sm:hidden"
              scope="col"
            >
              {words.used}
            </th>
            <th className="px-3 py-2.5 text-start font-medium max-md:hidden" scope="col">
              {words.until}
            </th>
            <th
              className="px-3 py-2.5 text-start font-medium whitespace-nowrap max-lg:hidden"
              scope="col"
            >
              {words.madeBy}
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {invitations.map((invitation) => {
            const state = invitationState(invitation, now);
            const note = invitation.note || words.nobody;
            return (
              <tr className="border-b border-line last:border-0" key={invitation.id}>
                <th className="w-full max-w-0 py-3 pe-3 text-start font-normal" scope="row">
                  <span
                    className={`block truncate ${invitation.note === "" ? "text-quiet" : "text-base font-medium"}`}
                  >
                    {note}
                  </span>
                </th>
                <td className="px-3 py-3">
                  <Badge look={state === "open" ? "good" : "plain"}>{words[state]}</Badge>
                </td>
                <td className="px-3 py-3 whitespace-nowrap tabular-nums max-sm:hidden">
                  {fill(words.usedOf, { uses: invitation.uses, max: invitation.max_uses })}
                </td>
                <td className="px-3 py-3 whitespace-nowrap text-quiet max-md:hidden">
                  {format.date(invitation.expires_at)}
                </td>
                <td className="max-w-40 truncate px-3 py-3 text-quiet max-lg:hidden">
                  {invitation.created_by}
                </td>
                <td className="h-14 py-1.5 text-end">
                  {state === "open" && (
                    <Button
                      aria-label={fill(words.revokeLabel, { note })}
                      className="whitespace-nowrap"
                      disabled={busy}
                      onClick={() => void revoke(invitation)}
                    >
                      {words.revoke}
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}
