"use client";

import { useCallback, useMemo } from "react";
import { Loading } from "@/components/frame/loading";
import { PageHead } from "@/components/frame/page-head";
import { Panel } from "@/components/frame/panel";
import { useResource } from "@/components/frame/use-resource";
import { useApi } from "@/components/providers";
import { useSettingsTexts } from "@/components/settings/use-settings-texts";
import { DayChart } from "@/components/usage/day-chart";
import { FiguresTable } from "@/components/usage/figures-table";
import { LimitMeter } from "@/components/usage/limit-meter";
import { useFormats } from "@/components/usage/use-formats";
import { AccountClient, type OwnUsage } from "@/lib/api/account";
import { fillDays } from "@/lib/usage/series";

const DAYS = 30;

/** What one has used, and what one may. */
export function UsagePage() {
  const { baseUrl } = useApi();
  const { usage } = useSettingsTexts();
  const load = useCallback(() => new AccountClient(baseUrl).usage(DAYS), [baseUrl]);
  const { data, failure, reload } = useResource(load);
  return (
    <>
      <PageHead text={usage.text} title={usage.title} />
      {data === null ? <Loading failure={failure} onRetry={reload} /> : <OwnFigures usage={data} />}
    </>
  );
}

function OwnFigures({ usage: own }: { usage: OwnUsage }) {
  const { usage } = useSettingsTexts();
  const format = useFormats();
  const days = useMemo(() => fillDays(own.days, DAYS, new Date()), [own.days]);
  const rows = days
    .filter((day) => day.requests > 0)
    .toReversed()
    .map((day) => ({ ...day, key: day.day, label: format.day(day.day) }));
  return (
    <>
      <Panel title={usage.limits}>
        <dl className="grid gap-6 sm:grid-cols-3">
          <LimitMeter
            label={usage.tokensToday}
            limit={own.limits.tokens_per_day}
            used={own.tokens_today}
          />
          <LimitMeter
            label={usage.messagesPerMinute}
            limit={own.limits.messages_per_minute}
            used={own.messages_last_minute}
          />
          <LimitMeter label={usage.streams} limit={own.limits.streams} used={own.streams} />
        </dl>
      </Panel>
      <Panel title={usage.lastDays}>
        <div className="grid gap-8 lg:grid-cols-2">
          <DayChart days={days} />
          <FiguresTable caption={usage.lastDays} heading={usage.day} rows={rows} />
        </div>
      </Panel>
    </>
  );
}
