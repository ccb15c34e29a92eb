import type { ReactNode } from "react";
import { Icon } from "./icon";

interface Props {
  kind: "success" | "problem";
  children: ReactNode;
}

/** A message about what just happened; read out when it appears. */
export function Notice({ kind, children }: Props) {
  const colours =
    kind === "success" ? "bg-accent-soft text-accent-strong" : "bg-danger-soft text-danger";
  return (
    <div
      className={`flex items-start gap-2.5 rounded-xl px-3.5 py-3 text-sm leading-relaxed ${colours}`}
      role={kind === "success" ? "status" : "alert"}
    >
      <Icon className="mt-0.5 shrink-0" name={kind === "success" ? "check" : "alert"} />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
