/**
 * What a reader chose for this browser. Kept in cookies, not in localStorage, so that the server
 * renders the right language and colours at once and nothing flashes.
 */
export const LOCALE_COOKIE = "llmchat_locale";
export const THEME_COOKIE = "llmchat_theme";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export function readTheme(value: string | undefined): Theme {
  return THEMES.find((theme) => theme === value) ?? "system";
}

export function rememberChoice(cookie: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs https, this page may not have it.
  document.cookie = `${cookie}=${value}; Path=/; Max-Age=31536000; SameSite=Lax`;
}
