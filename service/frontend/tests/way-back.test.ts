import { describe, expect, it } from "vitest";
import { afterLogIn, toLogIn } from "@/lib/way-back";

/** Where the log-in leads that is asked for at `pathname`. */
function backFrom(pathname: string): string {
  return afterLogIn(new URL(toLogIn({ pathname, search: "" }), "http://chat.test"));
}

describe("the way back from the log-in", () => {
  it.each(["/chat/0f3a", "/settings", "/settings/keys", "/admin/usage", "/chat"])(
    "leads to %s",
    (pathname) => {
      expect(backFrom(pathname)).toBe(pathname);
    },
  );

  it("has no query where one was at a new chat", () => {
    expect(toLogIn({ pathname: "/chat", search: "" })).toBe("/auth");
  });

  it("outlives a second request that is refused", () => {
    const there = new URL(toLogIn({ pathname: "/chat/0f3a", search: "" }), "http://chat.test");
    expect(toLogIn(there)).toBe("/auth?next=%2Fchat%2F0f3a");
  });

  it("doesn't lead to the log-in itself", () => {
    expect(afterLogIn({ search: "?next=/auth" })).toBe("/chat");
  });

  it.each([
    "https://evil.test/chat",
    "//evil.test/chat",
    "/\\evil.test",
    "/chat//evil.test",
    "/chat/../auth",
    "javascript:alert(1)",
    "/api/export",
    "chat",
    "",
  ])("leads nowhere else: %s", (next) => {
    const search = `?${new URLSearchParams({ next })}`;
    expect(afterLogIn({ search })).toBe("/chat");
  });
});
