/**
 * What the server tells the page, read at request time: one image serves every address.
 *
 * `apiUrl` is empty for the same origin (the normal case), else the absolute base of the API.
 */
export interface PageConfig {
  apiUrl: string;
}

export function readPageConfig(
  environment: Readonly<Record<string, string | undefined>>,
): PageConfig {
  return { apiUrl: (environment.API_URL ?? "").trim().replace(/\/+$/, "") };
}

/** The origin a Content-Security-Policy must allow for the API, or null for the page's own. */
export function apiOrigin(config: PageConfig): string | null {
  return URL.canParse(config.apiUrl) ? new URL(config.apiUrl).origin : null;
}
