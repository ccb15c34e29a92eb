"use client";

import type { ReactNode } from "react";
import { useUser } from "@/components/account/user-context";
import { Badge } from "@/components/ui/badge";
import { type Column, DataTable } from "@/components/ui/data-table";
import { useFormats } from "@/components/usage/use-formats";
import type { Account } from "@/lib/api/admin";
import { useAdminTexts } from "./use-admin";

interface Props {
  accounts: readonly Account[];
  acts: (account: Account) => ReactNode;
}

/** Accounts, one a row; a phone leaves out the dates. */
export function UserTable({ accounts, acts }: Props) {
  const { users } = useAdminTexts();
  const format = useFormats();
  if (accounts.length === 0) return null;
  const columns: Column<Account>[] = [
    {
      head: users.name,
      cell: (account) => <Name account={account} />,
      kind: "name",
      className: "w-full max-w-0",
    },
    {
      head: users.status,
      cell: (account) => <StatusBadge account={account} />,
      from: "sm",
    },
    {
      head: users.created,
      cell: (account) => format.date(account.created_at),
      kind: "quiet",
      from: "lg",
    },
    {
      head: users.lastLogin,
      cell: ({ last_login_at: at }) => (at === null ? users.never : format.date(at)),
      kind: "quiet",
      from: "md",
    },
    { head: "", cell: acts, kind: "act" },
  ];
  return (
    <div className="mt-4">
      <DataTable caption={users.list} columns={columns} keyOf={({ id }) => id} rows={accounts} />
    </div>
  );
}

function Name({ account }: { account: Account }) {
  const { users } = useAdminTexts();
  const self = useUser();
  const notes = [
    account.role === "admin" && users.admin,
    account.id === self.id && users.you,
    account.must_change_password && users.mustChange,
    Object.values(account.limits).some((limit) => limit !== null) && users.ownLimits,
  ].filter((note) => note !== false);
  return (
    <>
      <span className="block truncate text-base font-medium">{account.username}</span>
      {notes.length > 0 && <span className="block text-xs text-quiet">{notes.join(" · ")}</span>}
      <span className="mt-1 block sm:hidden">
        <StatusBadge account={account} />
      </span>
    </>
  );
}

const LOOKS = { active: "good", pending: "plain", deactivated: "bad" } as const;

function StatusBadge({ account }: { account: Account }) {
  const { users } = useAdminTexts();
  return <Badge look={LOOKS[account.status]}>{users[account.status]}</Badge>;
}
