import type { ModelSettings } from "@/lib/api/types";

/** Nothing set: the model server decides. */
export const NO_SETTINGS: ModelSettings = {
  system_prompt: null,
  temperature: null,
  top_p: null,
  max_tokens: null,
};

/** The longest instructions that the backend takes. */
export const MAX_SYSTEM_PROMPT = 40_000;

export type NumberSetting = "temperature" | "top_p" | "max_tokens";

/** The numbers that the backend takes; `above` is itself none of them. */
const RANGES: Readonly<
  Record<NumberSetting, { above?: number; min?: number; max: number; whole?: boolean }>
> = {
  temperature: { min: 0, max: 2 },
  top_p: { above: 0, max: 1 },
  max_tokens: { min: 1, max: 1_000_000, whole: true },
};

/** What somebody types into the form. */
export type SettingsForm = Record<keyof ModelSettings, string>;

export function formOf(settings: ModelSettings): SettingsForm {
  const text = (value: string | number | null) => (value === null ? "" : String(value));
  return {
    system_prompt: text(settings.system_prompt),
    temperature: text(settings.temperature),
    top_p: text(settings.top_p),
    max_tokens: text(settings.max_tokens),
  };
}

/** Read a number as people write it (`0.7`, `0,7`, full-width digits): null when empty, undefined when it is none that fits. */
export function readNumber(setting: NumberSetting, typed: string): number | null | undefined {
  const text = typed.normalize("NFKC").trim().replace(",", ".");
  if (text === "") return null;
  if (!/^\d+(\.\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  const { above = Number.NEGATIVE_INFINITY, min = 0, max, whole = false } = RANGES[setting];
  const fits = value > above && value >= min && value <= max;
  return fits && (!whole || Number.isInteger(value)) ? value : undefined;
}

/** Read the form: the settings, and which numbers are wrong. */
export function readForm(form: SettingsForm): { settings: ModelSettings; wrong: NumberSetting[] } {
  const settings = { ...NO_SETTINGS, system_prompt: form.system_prompt.trim() || null };
  const wrong: NumberSetting[] = [];
  for (const name of Object.keys(RANGES) as NumberSetting[]) {
    const value = readNumber(name, form[name]);
    if (value === undefined) wrong.push(name);
    else settings[name] = value;
  }
  return { settings, wrong };
}

export function isSet(settings: ModelSettings): boolean {
  return Object.keys(NO_SETTINGS).some((name) => settings[name as keyof ModelSettings] !== null);
}
