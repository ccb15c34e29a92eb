"use client";

import { type FormEvent, useState } from "react";
import { useAct } from "@/components/frame/use-act";
import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { Dialog } from "@/components/ui/dialog";
import { DialogButtons } from "@/components/ui/dialog-buttons";
import { Notice } from "@/components/ui/notice";
import { useFormats } from "@/components/usage/use-formats";
import { fill } from "@/i18n";
import type { AccountClient, ApiKey } from "@/lib/api/account";
import { textForError } from "@/lib/error-text";
import { useSettingsTexts } from "./use-settings-texts";

interface Props {
  account: AccountClient;
  keys: readonly ApiKey[];
  onRevoked: (key: ApiKey) => void;
}

/** One's keys, the newest first. */
export function KeyTable({ account, keys, onRevoked }: Props) {
  const { keys: words } = useSettingsTexts();
  const format = useFormats();
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  if (keys.length === 0) return <p className="py-4 text-quiet">{words.none}</p>;
  const columns: Column<ApiKey>[] = [
    {
      head: words.name,
      cell: (key) => <span className="block truncate text-base font-medium">{key.name}</span>,
      kind: "name",
      className: "w-full max-w-0",
    },
    {
      head: words.begins,
      cell: (key) => <code className="font-mono text-xs whitespace-nowrap">{key.prefix}…</code>,
      from: "sm",
    },
    {
      head: words.created,
      cell: (key) => format.date(key.created_at),
      kind: "quiet",
      from: "md",
    },
    {
      head: words.lastUsed,
      cell: ({ last_used_at: at }) => (at === null ? words.never : format.date(at)),
      kind: "quiet",
    },
    {
      head: "",
      cell: (key) => (
        <Button
          aria-label={fill(words.revokeLabel, { name: key.name })}
          className="whitespace-nowrap"
          onClick={() => setRevoking(key)}
        >
          {words.revoke}
        </Button>
      ),
      kind: "act",
    },
  ];
  return (
    <>
      <DataTable caption={words.list} columns={columns} keyOf={({ id }) => id} rows={keys} />
      {revoking !== null && (
        <RevokeDialog
          apiKey={revoking}
          onClose={() => setRevoking(null)}
          revoke={async () => {
            await account.revokeKey(revoking.id);
            setRevoking(null);
            onRevoked(revoking);
          }}
        />
      )}
    </>
  );
}

interface RevokeProps {
  apiKey: ApiKey;
  revoke: () => Promise<void>;
  onClose: () => void;
}

function RevokeDialog({ apiKey, revoke, onClose }: RevokeProps) {
  const texts = useTexts();
  const { keys } = useSettingsTexts();
  const { busy, failure, run } = useAct();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) void run(revoke);
  };
  return (
    <Dialog onClose={onClose} title={fill(keys.revokeTitle, { name: apiKey.name })}>
      <form onSubmit={submit}>
        <p className="mb-4 leading-relaxed text-quiet">{keys.revokeText}</p>
        {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
        <DialogButtons danger disabled={busy} onCancel={onClose} text={keys.revoke} />
      </form>
    </Dialog>
  );
}
