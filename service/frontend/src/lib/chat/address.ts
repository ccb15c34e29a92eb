/** What of a tab says which conversation is shown; the tests have one of their own. */
export interface AddressBar {
  location: Pick<Location, "pathname">;
  history: Pick<History, "replaceState">;
}

/** Where a conversation is found, or with null a new chat. */
export function conversationPath(id: string | null): string {
  return id === null ? "/chat" : `/chat/${id}`;
}

export function isShown(id: string | null, tab: AddressBar = window): boolean {
  return tab.location.pathname === conversationPath(id);
}

/** Show a conversation in the place of another, unless one has gone elsewhere from that meanwhile. */
export function showInstead(
  shown: string | null,
  next: string | null,
  tab: AddressBar = window,
): void {
  if (isShown(shown, tab)) tab.history.replaceState(null, "", conversationPath(next));
}
