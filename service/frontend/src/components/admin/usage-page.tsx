"use client";

import { useCallback, useMemo, useState } from "react";
import { Loading } from "@/components/frame/loading";
import { PageHead } from "@/components/frame/page-head";
import { Panel } from "@/components/frame/panel";
import { useResource } from "@/components/frame/use-resource";
import { SelectField } from "@/components/ui/select-field";
import { DayChart } from "@/components/usage/day-chart";
import { FiguresTable } from "@/components/usage/figures-table";
import { useFormats } from "@/components/usage/use-formats";
import { fill } from "@/i18n";
import type { GroupUsage } from "@/lib/api/admin";
import { fillDays, totalOf } from "@/lib/usage/series";
import { useAdminApi, useAdminTexts } from "./use-admin";

const PERIODS = [7, 30, 90] as const;

/** What everybody asks of the models: by day, by model, by user. */
export function AdminUsagePage() {
  const api = useAdminApi();
  const { usage } = useAdminTexts();
  const [days, setDays] = useState<number>(30);
  const load = useCallback(async () => {
    const [byDay, byModel, byUser] = await Promise.all([
      api.usage("day", days),
      api.usage("model", days),
      api.usage("user", days),
    ]);
    return { days, byDay, byModel, byUser };
  }, [api, days]);
  const { data, failure, reload } = useResource(load);

  return (
    <>
      <PageHead text={usage.text} title={usage.title}>
        <div className="w-36">
          <SelectField
            label={usage.period}
            onChange={(event) => setDays(Number(event.target.value))}
            value={days}
          >
            {PERIODS.map((period) => (
              <option key={period} value={period}>
                {fill(usage.days, { count: period })}
              </option>
            ))}
          </SelectField>
        </div>
      </PageHead>
      {failure !== null || data === null ? (
        <Loading failure={failure} onRetry={reload} />
      ) : (
        <Figures {...data} />
      )}
    </>
  );
}

interface FiguresProps {
  days: number;
  byDay: GroupUsage[];
  byModel: GroupUsage[];
  byUser: GroupUsage[];
}

function Figures({ days, byDay, byModel, byUser }: FiguresProps) {
  const { usage } = useAdminTexts();
  const format = useFormats();
  const filled = useMemo(() => {
    const rows = byDay.map((row) => ({ ...row, day: row.key }));
    return fillDays(rows, days, new Date());
  }, [byDay, days]);
  const total = totalOf(byDay);
  const used = byDay.map((row) => ({ ...row, label: format.day(row.key) }));
  return (
    <>
      <dl className="mb-5 grid grid-cols-3 gap-3 sm:gap-5">
        {[
          [usage.answers, total.requests],
          [usage.read, total.prompt_tokens],
          [usage.written, total.completion_tokens],
        ].map(([label, value]) => (
          <div className="rounded-2xl border border-line bg-raised p-3 sm:p-5" key={label}>
            <dt className="text-xs text-quiet sm:text-sm">{label}</dt>
            <dd className="mt-1 text-xl font-semibold tabular-nums sm:text-2xl">
              {format.short(Number(value))}
            </dd>
          </div>
        ))}
      </dl>
      <Panel title={usage.byDay}>
        <div className="grid gap-8 lg:grid-cols-2">
          <DayChart days={filled} />
          <FiguresTable caption={usage.byDay} heading={usage.day} rows={used} />
        </div>
      </Panel>
      <Panel title={usage.byModel}>
        <FiguresTable bars caption={usage.byModel} heading={usage.model} rows={byModel} />
      </Panel>
      <Panel title={usage.byUser}>
        <FiguresTable bars caption={usage.byUser} heading={usage.user} rows={byUser} />
      </Panel>
    </>
  );
}
