"use client";

import { isMac, keyName } from "@/lib/shortcuts";

/** The keys of a shortcut. */
export function Keys({ keys }: { keys: readonly string[] }) {
  const mac = isMac();
  return (
    <span className="inline-flex gap-1">
      {keys.map((key) => (
        <kbd
          className="rounded-md border border-line bg-soft px-1.5 py-0.5 font-sans text-xs text-quiet"
          key={key}
        >
          {keyName(key, mac)}
        </kbd>
      ))}
    </span>
  );
}
