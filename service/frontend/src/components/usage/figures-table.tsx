"use client";

import { useSettingsTexts } from "@/components/settings/use-settings-texts";
import { fill } from "@/i18n";
import type { Figures } from "@/lib/api/account";
import { tokensOf } from "@/lib/usage/series";
import { useFormats } from "./use-formats";

export interface FiguresRow extends Figures {
  key: string;
  label: string;
}

interface Props {
  /** What the rows are. */
  heading: string;
  caption: string;
  rows: readonly FiguresRow[];
  /** Draw how each row compares with the largest. */
  bars?: boolean;
}

/** Usage in figures. */
export function FiguresTable({ heading, caption, rows, bars = false }: Props) {
  const { usage } = useSettingsTexts();
  const format = useFormats();
  const largest = Math.max(1, ...rows.map(tokensOf));
  if (rows.length === 0) return <p className="text-quiet">{usage.none}</p>;
  return (
    <section
      aria-label={fill(usage.table, { title: caption })}
      className="max-h-96 overflow-auto rounded-lg"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
    >
      <table className="w-full text-sm tabular-nums">
        <caption className="sr-only">{caption}</caption>
        <thead className="sticky top-0 bg-raised text-end text-xs text-quiet">
          <tr className="border-b border-line">
            <th className="py-2 pe-3 text-start font-medium" scope="col">
              {heading}
            </th>
            <th className="px-3 py-2 text-end font-medium" scope="col">
              {usage.requests}
            </th>
            <th className="px-3 py-2 text-end font-medium max-sm:hidden" scope="col">
              {usage.read}
            </th>
            <th className="px-3 py-2 text-end font-medium max-sm:hidden" scope="col">
              {usage.written}
            </th>
            <th className="py-2 ps-3 text-end font-medium" scope="col">
              {usage.tokens}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr className="border-b border-line last:border-0" key={row.key}>
              <th className="max-w-48 py-2 pe-3 text-start font-normal" scope="row">
                <span className="block truncate">{row.label}</span>
                {bars && <Bar share={tokensOf(row) / largest} />}
              </th>
              <td className="px-3 py-2 text-end">{format.number(row.requests)}</td>
              <td className="px-3 py-2 text-end max-sm:hidden">
                {format.number(row.prompt_tokens)}
              </td>
              <td className="px-3 py-2 text-end max-sm:hidden">
                {format.number(row.completion_tokens)}
              </td>
              <td className="py-2 ps-3 text-end font-medium">{format.number(tokensOf(row))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Bar({ share }: { share: number }) {
  return (
    <svg aria-hidden="true" className="mt-1 h-1.5 w-full" preserveAspectRatio="none">
      <rect className="fill-soft" height="100%" rx="3" width="100%" />
      <rect className="fill-accent" height="100%" rx="3" width={`${share * 100}%`} />
    </svg>
  );
}
