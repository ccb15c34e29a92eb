import type { ReactNode } from "react";
import { Icon } from "./icon";

const LOOKS = {
  success: { colours: "bg-accent-soft text-accent-strong", icon: "check", role: "status" },
  info: { colours: "bg-soft text-ink", icon: "info", role: "status" },
  problem: { colours: "bg-danger-soft text-danger", icon: "alert", role: "alert" },
} as const;

interface Props {
  kind: keyof typeof LOOKS;
  children: ReactNode;
}

/** A message about what just happened; read out when it appears. */
export function Notice({ kind, children }: Props) {
  const { colours, icon, role } = LOOKS[kind];
  return (
    <div
      className={`flex items-start gap-2.5 rounded-xl px-3.5 py-3 text-sm leading-relaxed ${colours}`}
      role={role}
    >
      <Icon className="mt-0.5 shrink-0" name={icon} />
      <div className="min-w-0 wrap-anywhere">{children}</div>
    </div>
  );
}
