import type { ConversationSummary } from "@/lib/api/types";

/** A part of the history under one heading. */
export interface HistorySection {
  id: string;
  title: string;
  items: readonly ConversationSummary[];
}

/** A line of the history: the heading of a section, or a conversation and its place in the section. */
export type HistoryRow =
  | { kind: "heading"; key: string; section: HistorySection }
  | {
      kind: "item";
      key: string;
      section: HistorySection;
      item: ConversationSummary;
      place: number;
    };

/** The lines of the history, from the top. */
export function rowsOf(sections: readonly HistorySection[]): HistoryRow[] {
  return sections.flatMap((section) => [
    { kind: "heading" as const, key: `heading-${section.id}`, section },
    ...section.items.map((item, index) => ({
      kind: "item" as const,
      key: item.id,
      section,
      item,
      place: index + 1,
    })),
  ]);
}

/** The next conversation up or down from one, or the outermost; its id, or null where there is none. */
export function neighbour(rows: readonly HistoryRow[], from: string, key: string): string | null {
  const ids = rows.filter((row) => row.kind === "item").map((row) => row.key);
  const index = ids.indexOf(from);
  const target = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: ids.length - 1 }[key];
  return target === undefined ? null : (ids[target] ?? null);
}
