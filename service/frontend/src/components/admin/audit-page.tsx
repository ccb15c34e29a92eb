"use client";

import { useCallback } from "react";
import { PageHead } from "@/components/frame/page-head";
import { usePagedList } from "@/components/frame/use-paged-list";
import { type Column, DataTable } from "@/components/ui/data-table";
import { useFormats } from "@/components/usage/use-formats";
import { fill } from "@/i18n";
import type { AuditEntry } from "@/lib/api/admin";
import { ListFoot } from "./list-foot";
import { useAdminApi, useAdminTexts } from "./use-admin";

/** What administrators did, newest first. */
export function AuditPage() {
  const api = useAdminApi();
  const { audit } = useAdminTexts();
  const format = useFormats();
  const load = useCallback((before: string | null) => api.audit(before), [api]);
  const { list, more, reload } = usePagedList<AuditEntry>("", load);
  const columns: Column<AuditEntry>[] = [
    {
      head: audit.when,
      cell: ({ at }) => <time dateTime={at}>{format.time(at)}</time>,
      className: "min-w-28 align-top break-keep text-quiet sm:whitespace-nowrap",
    },
    {
      head: audit.who,
      cell: (entry) => (entry.actor_id === null ? audit.operator : entry.actor_name),
      className: "min-w-20 align-top wrap-anywhere sm:min-w-48",
    },
    {
      head: audit.what,
      cell: (entry) => <Action entry={entry} />,
      className: "w-full align-top wrap-anywhere",
    },
  ];
  return (
    <>
      <PageHead text={audit.text} title={audit.title} />
      {list.items.length > 0 && (
        <DataTable
          caption={audit.list}
          columns={columns}
          keyOf={({ id }) => id}
          rows={list.items}
        />
      )}
      <ListFoot empty={audit.none} list={list} onMore={more} onRetry={reload} />
    </>
  );
}

function Action({ entry }: { entry: AuditEntry }) {
  const { actions, audit, invitations, users } = useAdminTexts();
  const known: Readonly<Record<string, string>> = actions;
  const target = entry.target_name || invitations.nobody;
  const text = Object.hasOwn(known, entry.action) ? known[entry.action] : undefined;
  const role = entry.details.role;
  return (
    <>
      {fill(text ?? audit.unknown, { action: entry.action, target })}
      {(role === "admin" || role === "user") && (
        <span className="text-quiet"> ({users[role]})</span>
      )}
    </>
  );
}
