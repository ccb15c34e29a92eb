"use client";

import { useCallback, useState } from "react";
import { PageHead } from "@/components/frame/page-head";
import { usePagedList } from "@/components/frame/use-paged-list";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { useFormats } from "@/components/usage/use-formats";
import { fill } from "@/i18n";
import type { Account } from "@/lib/api/admin";
import { focusPage } from "@/lib/focus";
import { useQueue } from "./admin-frame";
import { ConfirmAct } from "./confirm-act";
import { ListFoot } from "./list-foot";
import { useAdminApi, useAdminTexts } from "./use-admin";
import { usePerform } from "./user-acts";

const WAITING = { search: "", status: "pending", role: "" } as const;

/** Who has registered and waits to be let in. */
export function ApprovalsPage() {
  const api = useAdminApi();
  const { queue } = useAdminTexts();
  const { recount } = useQueue();
  const [said, setSaid] = useState<string | null>(null);
  const load = useCallback((after: string | null) => api.users(WAITING, after), [api]);
  const { list, dispatch, more, reload } = usePagedList<Account>("", load);
  return (
    <>
      <PageHead text={queue.text} title={queue.title} />
      <div aria-live="polite">{said !== null && <Notice kind="success">{said}</Notice>}</div>
      <ul className="mt-2">
        {list.items.map((account) => (
          <Waiting
            account={account}
            key={account.id}
            onDone={(text) => {
              dispatch({ type: "removed", id: account.id });
              setSaid(text);
              focusPage();
              recount();
            }}
          />
        ))}
      </ul>
      <ListFoot empty={queue.none} list={list} onMore={more} onRetry={reload} />
    </>
  );
}

interface WaitingProps {
  account: Account;
  onDone: (text: string) => void;
}

function Waiting({ account, onDone }: WaitingProps) {
  const { acts, queue } = useAdminTexts();
  const format = useFormats();
  const [chosen, setChosen] = useState<"approve" | "reject" | null>(null);
  const perform = usePerform(account);
  const { username } = account;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 border-b border-line py-4 last:border-0">
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate font-medium" id={`name-${account.id}`}>
          {username}
        </p>
        <p className="text-sm text-quiet">
          {fill(queue.since, { time: format.time(account.created_at) })}
        </p>
      </div>
      <div className="flex gap-2">
        <Button
          aria-describedby={`name-${account.id}`}
          disabled={chosen !== null}
          look="primary"
          onClick={() => setChosen("approve")}
        >
          <Icon name="check" />
          {acts.approve}
        </Button>
        <Button
          aria-describedby={`name-${account.id}`}
          disabled={chosen !== null}
          onClick={() => setChosen("reject")}
        >
          {acts.reject}
        </Button>
      </div>
      {chosen !== null && (
        <ConfirmAct
          act={chosen}
          onClose={() => setChosen(null)}
          perform={async () => onDone((await perform(chosen)).text ?? "")}
          username={username}
        />
      )}
    </li>
  );
}
