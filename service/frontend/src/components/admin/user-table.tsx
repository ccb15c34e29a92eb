"use client";

import type { ReactNode } from "react";
import { useUser } from "@/components/account/user-context";
import { Badge } from "@/components/ui/badge";
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
  return (
    <table className="mt-4 w-full text-sm">
      <caption className="sr-only">{users.list}</caption>
      <thead className="text-xs text-quiet">
        <tr className="border-b border-line">
          <th className="py-2.5 pe-3 text-start font-medium" scope="col">
            {users.name}
          </th>
          <th className="px-3 py-2.5 text-start font-medium max-sm:hidden" scope="col">
            {users.status}
          </th>
          <th className="px-3 py-2.5 text-start font-medium max-lg:hidden" scope="col">
            {users.created}
          </th>
          <th className="px-3 py-2.5 text-start font-medium max-md:hidden" scope="col">
            {users.lastLogin}
          </th>
          <td />
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <tr className="border-b border-line last:border-0" key={account.id}>
            <th className="max-w-0 w-full py-3 pe-3 text-start font-normal" scope="row">
              <Name account={account} />
            </th>
            <td className="px-3 py-3 max-sm:hidden">
              <StatusBadge account={account} />
            </td>
            <td className="px-3 py-3 whitespace-nowrap text-quiet max-lg:hidden">
              {format.date(account.created_at)}
            </td>
            <td className="px-3 py-3 whitespace-nowrap text-quiet max-md:hidden">
              {account.last_login_at === null ? users.never : format.date(account.last_login_at)}
            </td>
            <td className="py-1.5 text-end">{acts(account)}</td>
          </tr>
        ))}
      </tbody>
    </table>
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
