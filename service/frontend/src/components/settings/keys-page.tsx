"use client";

import { useCallback, useMemo, useState } from "react";
import { Loading } from "@/components/frame/loading";
import { PageHead } from "@/components/frame/page-head";
import { Panel } from "@/components/frame/panel";
import { useResource } from "@/components/frame/use-resource";
import { useApi } from "@/components/providers";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { fill } from "@/i18n";
import { AccountClient } from "@/lib/api/account";
import { curlExample } from "@/lib/curl-example";
import { KeyDialog, KeyShown } from "./key-dialog";
import { KeyTable } from "./key-table";
import { useSettingsTexts } from "./use-settings-texts";

/** Keys for programs: made, shown once, revoked. */
export function KeysPage() {
  const { baseUrl } = useApi();
  const { keys } = useSettingsTexts();
  const account = useMemo(() => new AccountClient(baseUrl), [baseUrl]);
  const { data, failure, reload } = useResource(useCallback(() => account.keys(), [account]));
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  return (
    <>
      <PageHead text={keys.text} title={keys.title}>
        <Button look="primary" onClick={() => setAdding(true)}>
          <Icon name="plus" />
          {keys.add}
        </Button>
      </PageHead>
      <div aria-live="polite">{said !== null && <Notice kind="success">{said}</Notice>}</div>
      {data === null || failure !== null ? (
        <Loading failure={failure} onRetry={reload} />
      ) : (
        <KeyTable
          account={account}
          keys={data}
          onRevoked={({ name }) => {
            setSaid(fill(keys.revoked, { name }));
            reload();
          }}
        />
      )}
      <Example />
      {adding && (
        <KeyDialog
          account={account}
          onClose={() => setAdding(false)}
          onMade={(key) => {
            setAdding(false);
            setMade(key);
            reload();
          }}
        />
      )}
      {made !== null && <KeyShown onClose={() => setMade(null)} value={made} />}
    </>
  );
}

function Example() {
  const api = useApi();
  const { keys } = useSettingsTexts();
  const { data: models } = useResource(useCallback(() => api.models(), [api]));
  const url = `${api.baseUrl || window.location.origin}/v1`;
  const model = models?.find((known) => known.default)?.id ?? "default";
  const command = curlExample(url, model);
  return (
    <div className="mt-8">
      <Panel title={keys.example}>
        <p className="mb-4 max-w-prose text-sm leading-relaxed text-quiet">
          {fill(keys.exampleText, { url })}
        </p>
        <div className="rounded-xl border border-line bg-soft">
          <div className="flex justify-end border-b border-line px-1.5 py-0.5">
            <CopyButton label={keys.copyCommand} text={() => command} />
          </div>
          <section
            aria-label={keys.command}
            className="overflow-x-auto p-4"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
            tabIndex={0}
          >
            <pre className="font-mono text-[0.8125rem] leading-relaxed">{command}</pre>
          </section>
        </div>
      </Panel>
    </div>
  );
}
