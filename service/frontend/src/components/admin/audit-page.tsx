"use client";

import { useCallback } from "react";
import { PageHead } from "@/components/frame/page-head";
import { useFormats } from "@/components/usage/use-formats";
import { fill } from "@/i18n";
import type { AuditEntry } from "@/lib/api/admin";
import { ListFoot } from "./list-foot";
import { useAdminApi, useAdminTexts } from "./use-admin";
import { usePagedList } from "./use-paged-list";

/** What administrators did, newest first. */
export function AuditPage() {
  const api = useAdminApi();
  const { audit } = useAdminTexts();
  const format = useFormats();
  const load = useCallback((before: string | null) => api.audit(before), [api]);
  const { list, more, reload } = usePagedList<AuditEntry>("", load);
  return (
    <>
      <PageHead text={audit.text} title={audit.title} />
      {list.items.length > 0 && (
        <table className="w-full text-sm">
          <caption className="sr-only">{audit.list}</caption>
          <thead className="text-xs text-quiet">
            <tr className="border-b border-line">
              <th className="min-w-28 py-2.5 pe-3 text-start font-medium" scope="col">
                {audit.when}
              </th>
              <th className="min-w-20 px-3 py-2.5 text-start font-medium sm:min-w-48" scope="col">
                {audit.who}
              </th>
              <th className="w-full py-2.5 ps-3 text-start font-medium" scope="col">
                {audit.what}
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((entry) => (
              <tr className="border-b border-line align-top last:border-0" key={entry.id}>
                <td className="py-3 pe-3 break-keep text-quiet sm:whitespace-nowrap">
                  <time dateTime={entry.at}>{format.time(entry.at)}</time>
                </td>
                <td className="px-3 py-3 wrap-anywhere">
                  {entry.actor_id === null ? audit.operator : entry.actor_name}
                </td>
                <td className="py-3 ps-3 wrap-anywhere">
                  <Action entry={entry} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
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
