/**
 * What the server tells the page. The edge says it with each request: one image serves every address,
 * and another one restarts nothing. What a client says of it the edge overwrites.
 *
 * `apiUrl` is empty for the same origin (the normal case), else the absolute base of the API.
 */
export interface PageConfig {
  apiUrl: string;
}

export function readPageConfig(headers: Pick<Headers, "get">): PageConfig {
  return { apiUrl: (headers.get("x-llmchat-api-url") ?? "").trim().replace(/\/+$/, "") };
}

/** The origin a Content-Security-Policy must allow for the API, or null for the page's own. */
export function apiOrigin(config: PageConfig): string | null {
  return URL.canParse(config.apiUrl) ? new URL(config.apiUrl).origin : null;
}
