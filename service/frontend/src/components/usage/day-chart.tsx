"use client";

import { useSettingsTexts } from "@/components/settings/use-settings-texts";
import { fill } from "@/i18n";
import { type DayFigures, roundedUp, tokensOf, totalOf } from "@/lib/usage/series";
import { useFormats } from "./use-formats";

const HEIGHT = 100;
/** Units of width that a day has; the bar takes most of it. */
const STEP = 10;
const BAR = 7;

/** Tokens by day, read and written on top of each other. The table beside it says the same in figures. */
export function DayChart({ days }: { days: readonly DayFigures[] }) {
  const { usage } = useSettingsTexts();
  const format = useFormats();
  const top = roundedUp(Math.max(...days.map(tokensOf)));
  const height = (tokens: number) => (tokens / top) * HEIGHT;
  const summary = fill(usage.chart, {
    days: days.length,
    tokens: format.number(tokensOf(totalOf(days))),
  });
  return (
    <figure>
      <div className="grid grid-cols-[auto_1fr] gap-x-2">
        <div
          aria-hidden="true"
          className="flex h-44 flex-col justify-between text-end text-xs leading-none text-quiet"
        >
          <span>{format.short(top)}</span>
          <span>{format.short(top / 2)}</span>
          <span>0</span>
        </div>
        <svg
          aria-label={summary}
          className="h-44 w-full"
          preserveAspectRatio="none"
          role="img"
          viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`}
        >
          {[0, HEIGHT / 2, HEIGHT].map((y) => (
            <line
              className="stroke-line"
              key={y}
              vectorEffect="non-scaling-stroke"
              x1={0}
              x2={days.length * STEP}
              y1={y}
              y2={y}
            />
          ))}
          {days.map((day, index) => (
            <g key={day.day}>
              <title>{`${format.day(day.day)}: ${format.number(tokensOf(day))}`}</title>
              {/* As high as the chart, so that a low bar is met by the pointer, too. */}
              <rect
                className="fill-transparent"
                height={HEIGHT}
                width={STEP}
                x={index * STEP}
                y={0}
              />
              <rect
                className="fill-accent"
                height={height(day.completion_tokens)}
                width={BAR}
                x={index * STEP + (STEP - BAR) / 2}
                y={HEIGHT - height(tokensOf(day))}
              />
              <rect
                className="fill-accent opacity-45"
                height={height(day.prompt_tokens)}
                width={BAR}
                x={index * STEP + (STEP - BAR) / 2}
                y={HEIGHT - height(day.prompt_tokens)}
              />
            </g>
          ))}
        </svg>
        <div
          aria-hidden="true"
          className="col-start-2 mt-2 flex justify-between text-xs text-quiet"
        >
          {[0, Math.floor((days.length - 1) / 2), days.length - 1].map((index) => (
            <span key={index}>{format.day(days[index]?.day ?? "")}</span>
          ))}
        </div>
      </div>
      <figcaption className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-xs text-quiet">
        <span className="flex items-center gap-2">
          <span aria-hidden="true" className="size-2.5 rounded-xs bg-accent" />
          {usage.written}
        </span>
        <span className="flex items-center gap-2">
          <span aria-hidden="true" className="size-2.5 rounded-xs bg-accent opacity-45" />
          {usage.read}
        </span>
      </figcaption>
    </figure>
  );
}
