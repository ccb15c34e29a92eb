import type { ReactNode } from "react";

const LOOKS = {
  plain: "bg-soft text-quiet",
  good: "bg-accent-soft text-accent-strong",
  bad: "bg-danger-soft text-danger",
} as const;

/** A word or two about the state of something. */
export function Badge({ look, children }: { look: keyof typeof LOOKS; children: ReactNode }) {
  return (
    <span
      className={`inline-block rounded-full px-2.5 py-0.5 text-xs font-medium whitespace-nowrap ${LOOKS[look]}`}
    >
      {children}
    </span>
  );
}
