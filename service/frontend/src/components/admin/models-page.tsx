"use client";

import { useCallback, useEffect, useState } from "react";
import { Loading } from "@/components/frame/loading";
import { PageHead } from "@/components/frame/page-head";
import { useResource } from "@/components/frame/use-resource";
import { useTexts } from "@/components/preferences";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { useFormats } from "@/components/usage/use-formats";
import { fill } from "@/i18n";
import { adviceFor } from "@/lib/admin/model-advice";
import type { ModelCheck, ModelState } from "@/lib/api/admin";
import { textForCode, textForError } from "@/lib/error-text";
import { useAdminApi, useAdminTexts } from "./use-admin";

/** Whether each model answers, and why not; and what was known of it before it was asked. */
export function ModelsPage() {
  const admin = useAdminApi();
  const { models: words } = useAdminTexts();
  const { data, failure, reload } = useResource(useCallback(() => admin.models(), [admin]));
  const [round, setRound] = useState(0);
  return (
    <>
      <PageHead text={words.text} title={words.title}>
        <Button onClick={() => setRound(round + 1)}>
          <Icon name="retry" size={16} />
          {words.again}
        </Button>
      </PageHead>
      {data === null ? (
        <Loading failure={failure} onRetry={reload} />
      ) : (
        <ul>
          {data.map((model) => (
            <CheckedModel key={`${model.id} ${round}`} model={model} onChecked={reload} />
          ))}
        </ul>
      )}
    </>
  );
}

function CheckedModel({ model, onChecked }: { model: ModelState; onChecked: () => void }) {
  const admin = useAdminApi();
  const { models: words } = useAdminTexts();
  const load = useCallback(() => admin.checkModel(model.id), [admin, model.id]);
  const { data, failure } = useResource(load);
  useEffect(() => {
    if (data !== null) onChecked();
  }, [data, onChecked]);
  return (
    <li className="border-b border-line py-4 last:border-0">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 className="text-base font-medium">{model.label}</h2>
        <code className="font-mono text-xs text-quiet">{model.id}</code>
        {model.default && <span className="text-xs text-quiet">{words.standard}</span>}
        {model.visible_to === "admins" && <Badge look="plain">{words.adminsOnly}</Badge>}
      </div>
      <div className="mt-2" role="status">
        {data === null && failure === null ? (
          <Known model={model} />
        ) : (
          <Result check={data} failure={failure} />
        )}
      </div>
      <Times model={model} />
    </li>
  );
}

/** What is known while the model is being asked. */
function Known({ model }: { model: ModelState }) {
  const texts = useTexts();
  const { models: words } = useAdminTexts();
  const { state, code, detail } = model;
  return (
    <p className="flex flex-wrap items-center gap-3 text-sm text-quiet">
      {state === "ok" && <Badge look="good">{words.answers}</Badge>}
      {state === "failing" && <Badge look="bad">{words.failing}</Badge>}
      {state === "failing" && textForCode(texts, code ?? "", detail ?? "")}
      <Badge look="plain">{words.checking}</Badge>
    </p>
  );
}

/** When something was last seen of a model. */
function Times({ model }: { model: ModelState }) {
  const { models: words } = useAdminTexts();
  const format = useFormats();
  const at = (time: string | null) => (time === null ? words.never : format.time(time));
  return (
    <p className="mt-2 text-xs leading-relaxed text-quiet">
      {model.since !== null && `${fill(words.since, { time: format.time(model.since) })} · `}
      {fill(words.lastAnswer, { time: at(model.last_answer_at) })}
      {" · "}
      {fill(words.checkedAt, { time: at(model.checked_at) })}
    </p>
  );
}

/** `failure` is one of the check itself: the model may well be fine. */
function Result({ check, failure }: { check: ModelCheck | null; failure: unknown }) {
  const texts = useTexts();
  const { models: words } = useAdminTexts();
  const format = useFormats();
  if (check === null) return <p className="text-sm text-danger">{textForError(texts, failure)}</p>;
  if (check.code === null) {
    return (
      <p className="flex flex-wrap items-center gap-3 text-sm text-quiet">
        <Badge look="good">{words.answers}</Badge>
        {fill(words.firstWord, { time: format.number(check.first_token_ms ?? 0) })}
      </p>
    );
  }
  return (
    <>
      <Badge look="bad">{words.failing}</Badge>
      <p className="mt-2 text-sm">{textForCode(texts, check.code, check.detail ?? "")}</p>
      {adviceFor(words, check).map((line) => (
        <p className="mt-1 max-w-prose text-sm leading-relaxed wrap-anywhere text-quiet" key={line}>
          {line}
        </p>
      ))}
    </>
  );
}
