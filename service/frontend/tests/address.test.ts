import { describe, expect, it } from "vitest";
import { type AddressBar, isShown, showInstead } from "@/lib/chat/address";

function tabAt(pathname: string): AddressBar {
  const location = { pathname };
  const replaceState = (_data: unknown, _title: string, url?: string | URL | null) => {
    location.pathname = String(url);
  };
  return { location, history: { replaceState } };
}

describe("a conversation that was made while one waited for it", () => {
  it("is shown in the place of the new chat", () => {
    const tab = tabAt("/chat");
    showInstead(null, "c", tab);
    expect(tab.location.pathname).toBe("/chat/c");
    expect(isShown("c", tab)).toBe(true);
  });

  it.each(["/chat/other", "/settings"])("leaves whoever has gone to %s meanwhile there", (path) => {
    const tab = tabAt(path);
    showInstead(null, "c", tab);
    expect(tab.location.pathname).toBe(path);
    expect(isShown("c", tab)).toBe(false);
  });
});

describe("a conversation that was deleted", () => {
  it("gives way to a new chat only where it is still shown", () => {
    const [there, elsewhere] = [tabAt("/chat/c"), tabAt("/chat/other")];
    for (const tab of [there, elsewhere]) showInstead("c", null, tab);
    expect(there.location.pathname).toBe("/chat");
    expect(elsewhere.location.pathname).toBe("/chat/other");
  });
});
