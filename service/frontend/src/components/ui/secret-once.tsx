"use client";

import { useId } from "react";
import { CopyButton } from "./copy-button";

interface Props {
  label: string;
  value: string;
  copyLabel: string;
  /** That it can't be read again, and what to do with it. */
  note?: string;
}

/** Something that is shown this once: to be copied, or read out over the telephone. */
export function SecretOnce({ label, value, copyLabel, note }: Props) {
  const id = useId();
  return (
    <div>
      <label className="mb-1.5 block text-sm font-medium" htmlFor={id}>
        {label}
      </label>
      <div className="flex items-center gap-2 rounded-xl border border-line bg-soft pe-1.5">
        <input
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          className="min-w-0 flex-1 rounded-s-xl py-2.5 ps-3.5 font-mono text-sm text-ellipsis"
          id={id}
          onFocus={(event) => event.target.select()}
          readOnly
          value={value}
        />
        <CopyButton label={copyLabel} text={() => value} />
      </div>
      {note !== undefined && (
        <p className="mt-2 text-sm leading-relaxed text-quiet" id={`${id}-note`}>
          {note}
        </p>
      )}
    </div>
  );
}
