"use client";

import { useSettingsTexts } from "@/components/settings/use-settings-texts";
import { type Column, DataTable } from "@/components/ui/data-table";
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
  const columns: Column<FiguresRow>[] = [
    {
      head: heading,
      cell: (row) => (
        <>
          <span className="block truncate">{row.label}</span>
          {bars && <Bar share={tokensOf(row) / largest} />}
        </>
      ),
      kind: "name",
      className: "max-w-48",
    },
    { head: usage.requests, cell: (row) => format.number(row.requests), kind: "number" },
    {
      head: usage.read,
      cell: (row) => format.number(row.prompt_tokens),
      kind: "number",
      from: "sm",
    },
    {
      head: usage.written,
      cell: (row) => format.number(row.completion_tokens),
      kind: "number",
      from: "sm",
    },
    {
      head: usage.tokens,
      cell: (row) => <span className="font-medium">{format.number(tokensOf(row))}</span>,
      kind: "number",
    },
  ];
  return (
    <section
      aria-label={fill(usage.table, { title: caption })}
      className="max-h-96 overflow-auto rounded-lg"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
    >
      <DataTable caption={caption} columns={columns} dense keyOf={({ key }) => key} rows={rows} />
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
