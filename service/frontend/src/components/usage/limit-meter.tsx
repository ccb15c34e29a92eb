"use client";

import { useSettingsTexts } from "@/components/settings/use-settings-texts";
import { fill } from "@/i18n";
import { useFormats } from "./use-formats";

interface Props {
  label: string;
  used: number;
  /** 0 is no limit. */
  limit: number;
}

/** How far a limit is used up. */
export function LimitMeter({ label, used, limit }: Props) {
  const { usage } = useSettingsTexts();
  const format = useFormats();
  const values = { used: format.number(used), limit: format.number(limit) };
  const share = limit === 0 ? 0 : Math.min(1, used / limit);
  return (
    <div>
      <dt className="text-sm text-quiet">{label}</dt>
      <dd className="mt-1">
        <span className="text-lg font-semibold tabular-nums">
          {fill(limit === 0 ? usage.usedUnlimited : usage.usedOf, values)}
        </span>
        {limit > 0 && (
          <svg aria-hidden="true" className="mt-2 h-2 w-full" preserveAspectRatio="none">
            <rect className="fill-soft" height="100%" rx="4" width="100%" />
            {share > 0 && (
              <rect
                className={share < 1 ? "fill-accent" : "fill-danger"}
                height="100%"
                rx="4"
                width={`${share * 100}%`}
              />
            )}
          </svg>
        )}
      </dd>
    </div>
  );
}
