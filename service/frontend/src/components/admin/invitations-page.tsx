"use client";

import { useCallback, useState } from "react";
import { PageHead } from "@/components/frame/page-head";
import { usePagedList } from "@/components/frame/use-paged-list";
import { useResource } from "@/components/frame/use-resource";
import { useApi } from "@/components/providers";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import type { Invitation } from "@/lib/api/admin";
import { InvitationTable } from "./invitation-table";
import { InvitationShown, InviteDialog } from "./invite-dialog";
import { ListFoot } from "./list-foot";
import { useAdminApi, useAdminTexts } from "./use-admin";

/** Codes that let people register: made, handed on, revoked. */
export function InvitationsPage() {
  const admin = useAdminApi();
  const api = useApi();
  const { invitations, done } = useAdminTexts();
  const [inviting, setInviting] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const load = useCallback((before: string | null) => admin.invitations(before), [admin]);
  const { list, dispatch, more, reload } = usePagedList<Invitation>("", load);
  const policy = useResource(useCallback(() => api.policy(), [api]));

  return (
    <>
      <PageHead text={invitations.text} title={invitations.title}>
        <Button look="primary" onClick={() => setInviting(true)}>
          <Icon name="plus" />
          {invitations.add}
        </Button>
      </PageHead>
      {policy.data !== null && policy.data.registration !== "invite" && (
        <Notice kind="info">{invitations.policy}</Notice>
      )}
      <div aria-live="polite" className="mt-2">
        {said !== null && <Notice kind="success">{said}</Notice>}
      </div>
      <InvitationTable
        invitations={list.items}
        onRevoked={(revoked) => {
          dispatch({ type: "changed", item: revoked });
          setSaid(done.revoked);
        }}
      />
      <ListFoot empty={invitations.none} list={list} onMore={more} onRetry={reload} />
      {inviting && (
        <InviteDialog
          onClose={() => setInviting(false)}
          onMade={(code) => {
            setInviting(false);
            setMade(code);
            reload();
          }}
        />
      )}
      {made !== null && <InvitationShown code={made} onClose={() => setMade(null)} />}
    </>
  );
}
