"use client";

import { useAct } from "@/components/frame/use-act";
import { useTexts } from "@/components/preferences";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
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

  const columns: Column<Invitation>[] = [
    {
      head: words.forWhom,
      cell: ({ note }) => (
        <span className={`block truncate ${note === "" ? "text-quiet" : "text-base font-medium"}`}>
          {note || words.nobody}
        </span>
      ),
      kind: "name",
      className: "w-full max-w-0",
    },
    {
      head: words.state,
      cell: (invitation) => <State state={invitationState(invitation, now)} />,
    },
    {
      head: words.used,
      cell: ({ uses, max_uses: max }) => fill(words.usedOf, { uses, max }),
      className: "whitespace-nowrap tabular-nums",
      from: "sm",
    },
    {
      head: words.until,
      cell: (invitation) => format.date(invitation.expires_at),
      kind: "quiet",
      from: "md",
    },
    {
      head: words.madeBy,
      cell: (invitation) => invitation.created_by,
      kind: "quiet",
      from: "lg",
      className: "max-w-40 truncate",
    },
    {
      head: "",
      cell: (invitation) =>
        invitationState(invitation, now) === "open" && (
          <Button
            aria-label={fill(words.revokeLabel, { note: invitation.note || words.nobody })}
            className="whitespace-nowrap"
            disabled={busy}
            onClick={() => void revoke(invitation)}
          >
            {words.revoke}
          </Button>
        ),
      kind: "act",
      className: "h-14",
    },
  ];

  return (
    <>
      {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
      <div className="mt-2">
        <DataTable
          caption={words.list}
          columns={columns}
          keyOf={({ id }) => id}
          rows={invitations}
        />
      </div>
    </>
  );
}

function State({ state }: { state: ReturnType<typeof invitationState> }) {
  const { invitations: words } = useAdminTexts();
  return <Badge look={state === "open" ? "good" : "plain"}>{words[state]}</Badge>;
}
