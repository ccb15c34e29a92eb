const LOG_IN = "/auth";
const CHAT = "/chat";
const NEXT = "next";

/** Pages of our own, and nothing that a browser would take for an address elsewhere. */
const PAGES = /^\/(chat|settings|admin)(\/[\w-]+)*$/;

type Place = Pick<Location, "pathname" | "search">;

/** The log-in, which leads back to where one is now. */
export function toLogIn({ pathname, search }: Place = window.location): string {
  // Another request was refused as well, and has us here already.
  if (pathname === LOG_IN) return `${LOG_IN}${search}`;
  if (pathname === CHAT || !PAGES.test(pathname)) return LOG_IN;
  return `${LOG_IN}?${new URLSearchParams({ [NEXT]: pathname })}`;
}

/** Where to go after the log-in, from the log-in's own query. */
export function afterLogIn({ search }: Pick<Location, "search"> = window.location): string {
  const next = new URLSearchParams(search).get(NEXT);
  return next !== null && PAGES.test(next) ? next : CHAT;
}
