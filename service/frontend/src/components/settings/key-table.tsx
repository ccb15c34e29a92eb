"use client";

import { type FormEvent, useState } from "react";
import { useAct } from "@/components/frame/use-act";
import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
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
  return (
    <>
      <table className="w-full text-sm">
        <caption className="sr-only">{words.list}</caption>
        <thead className="text-xs text-quiet">
          <tr className="border-b border-line">
            <th className="py-2.5 pe-3 text-start font-medium" scope="col">
              {words.name}
            </th>
            <th className="px-3 py-2.5 text-start font-medium max-sm:hidden" scope="col">
              {words.begins}
            </th>
            <th className="px-3 py-2.5 text-start font-medium max-md:hidden" scope="col">
              {words.created}
            </th>
            <th className="px-3 py-2.5 text-start font-medium whitespace-nowrap" scope="col">
              {words.lastUsed}
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr className="border-b border-line last:border-0" key={key.id}>
              <th className="w-full max-w-0 py-3 pe-3 text-start font-normal" scope="row">
                <span className="block truncate text-base font-medium">{key.name}</span>
              </th>
              <td className="px-3 py-3 max-sm:hidden">
                <code className="font-mono text-xs whitespace-nowrap">{key.prefix}…</code>
              </td>
              <td className="px-3 py-3 whitespace-nowrap text-quiet max-md:hidden">
                {format.date(key.created_at)}
              </td>
              <td className="px-3 py-3 whitespace-nowrap text-quiet">
                {key.last_used_at === null ? words.never : format.date(key.last_used_at)}
              </td>
              <td className="py-1.5 text-end">
                <Button
                  aria-label={fill(words.revokeLabel, { name: key.name })}
                  className="whitespace-nowrap"
                  onClick={() => setRevoking(key)}
                >
                  {words.revoke}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
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
