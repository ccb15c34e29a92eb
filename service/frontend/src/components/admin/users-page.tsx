"use client";

import { useCallback, useEffect, useState } from "react";
import { PageHead } from "@/components/frame/page-head";
import { usePagedList } from "@/components/frame/use-paged-list";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { SelectField } from "@/components/ui/select-field";
import { TextField } from "@/components/ui/text-field";
import type { Account, AccountFilter, AccountStatus, Role } from "@/lib/api/admin";
import { focusPage } from "@/lib/focus";
import { AddUserDialog } from "./add-user-dialog";
import { useQueue } from "./admin-frame";
import { ListFoot } from "./list-foot";
import { PasswordShown } from "./password-shown";
import { useAdminApi, useAdminTexts } from "./use-admin";
import { type Outcome, UserActs } from "./user-acts";
import { UserTable } from "./user-table";

const NO_FILTER: AccountFilter = { search: "", status: "", role: "" };

/** Every account: found, and looked after. */
export function UsersPage() {
  const api = useAdminApi();
  const { users } = useAdminTexts();
  const { recount } = useQueue();
  const [filter, setFilter] = useState(NO_FILTER);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<{ username: string; password: string } | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const load = useCallback((after: string | null) => api.users(filter, after), [api, filter]);
  const { list, dispatch, more, reload } = usePagedList<Account>(JSON.stringify(filter), load);

  const onOutcome = ({ account, removed, text, password }: Outcome) => {
    dispatch(removed ? { type: "removed", id: account.id } : { type: "changed", item: account });
    if (password !== undefined) setMade({ username: account.username, password });
    if (removed) focusPage();
    setSaid(text ?? null);
    recount();
  };

  return (
    <>
      <PageHead text={users.text} title={users.title}>
        <Button look="primary" onClick={() => setAdding(true)}>
          <Icon name="plus" />
          {users.add}
        </Button>
      </PageHead>
      <Filters filter={filter} onChange={setFilter} />
      <div aria-live="polite" className="mt-4">
        {said !== null && <Notice kind="success">{said}</Notice>}
      </div>
      <UserTable
        accounts={list.items}
        acts={(account) => <UserActs account={account} onOutcome={onOutcome} />}
      />
      <ListFoot empty={users.none} list={list} onMore={more} onRetry={reload} />
      {adding && (
        <AddUserDialog
          onClose={() => setAdding(false)}
          onMade={({ user, password }) => {
            setAdding(false);
            setMade({ username: user.username, password });
            reload();
          }}
        />
      )}
      {made !== null && <PasswordShown {...made} onClose={() => setMade(null)} />}
    </>
  );
}

interface FiltersProps {
  filter: AccountFilter;
  onChange: (change: (filter: AccountFilter) => AccountFilter) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  const { users } = useAdminTexts();
  const [typed, setTyped] = useState(filter.search);

  // Asked a moment after the last key, not at each.
  useEffect(() => {
    const timer = setTimeout(() => {
      onChange((before) =>
        before.search === typed.trim() ? before : { ...before, search: typed.trim() },
      );
    }, 250);
    return () => clearTimeout(timer);
  }, [typed, onChange]);

  return (
    <search className="grid grid-cols-2 gap-3 max-sm:*:first:col-span-2 sm:grid-cols-[1fr_12rem_12rem]">
      <TextField
        autoComplete="off"
        label={users.search}
        maxLength={64}
        onChange={(event) => setTyped(event.target.value)}
        spellCheck={false}
        type="search"
        value={typed}
      />
      <SelectField
        label={users.status}
        onChange={(event) => {
          const status = event.target.value as AccountStatus | "";
          onChange((before) => ({ ...before, status }));
        }}
        value={filter.status}
      >
        <option value="">{users.all}</option>
        <option value="active">{users.active}</option>
        <option value="pending">{users.pending}</option>
        <option value="deactivated">{users.deactivated}</option>
      </SelectField>
      <SelectField
        label={users.role}
        onChange={(event) => {
          const role = event.target.value as Role | "";
          onChange((before) => ({ ...before, role }));
        }}
        value={filter.role}
      >
        <option value="">{users.all}</option>
        <option value="user">{users.user}</option>
        <option value="admin">{users.admin}</option>
      </SelectField>
    </search>
  );
}
