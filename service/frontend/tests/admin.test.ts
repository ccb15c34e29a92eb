import { describe, expect, it } from "vitest";
import { actsFor, readLimit, wholeNumber } from "@/lib/admin/acts";
import { invitationLink, invitationState } from "@/lib/admin/invitations";
import type { Account, Invitation } from "@/lib/api/admin";

const AT = "2026-11-28T08:00:00Z";

const account = (change: Partial<Account>): Account => ({
  id: "a",
  username: "mei",
  role: "user",
  status: "active",
  must_change_password: false,
  limits: { messages_per_minute: null, streams: null, tokens_per_day: null },
  created_at: AT,
  last_login_at: null,
  ...change,
});

const invitation = (change: Partial<Invitation>): Invitation => ({
  id: "i",
  note: "",
  max_uses: 1,
  uses: 0,
  created_by: "admin",
  created_at: AT,
  expires_at: "2026-12-05T08:00:00Z",
  revoked_at: null,
  ...change,
});

describe("what can be done with an account", () => {
  it("that waits is to let it in or not", () => {
    expect(actsFor(account({ status: "pending" }), "me")).toEqual(["approve", "reject"]);
  });

  it("of one's own is nothing that locks oneself out", () => {
    expect(actsFor(account({ role: "admin" }), "a")).toEqual(["setLimits"]);
  });

  it("is the opposite of what it is", () => {
    expect(actsFor(account({}), "me")).toContain("makeAdmin");
    const other = actsFor(account({ role: "admin", status: "deactivated" }), "me");
    expect(other).toContain("makeUser");
    expect(other).toContain("reactivate");
    expect(other).not.toContain("deactivate");
  });
});

describe("a typed limit", () => {
  it.each([
    ["", null],
    ["  ", null],
    ["0", 0],
    [" 200000 ", 200_000],
    ["-1", undefined],
    ["1.5", undefined],
    ["1e3", undefined],
    ["2147483648", undefined],
    ["many", undefined],
  ])("%j is %s", (text, limit) => {
    expect(readLimit(text)).toBe(limit);
  });

  it("keeps to its bounds", () => {
    expect(wholeNumber("365", 1, 365)).toBe(365);
    expect(wholeNumber("0", 1, 365)).toBeUndefined();
  });
});

describe("an invitation", () => {
  const now = new Date(AT);

  it.each([
    [{}, "open"],
    [{ uses: 1 }, "usedUp"],
    [{ expires_at: AT }, "expired"],
    [{ uses: 1, revoked_at: AT }, "revoked"],
  ] as const)("with %j is %s", (change, state) => {
    expect(invitationState(invitation(change), now)).toBe(state);
  });

  it("has a link that keeps its code whole", () => {
    expect(invitationLink("https://chat.test", "a+b&c")).toBe(
      "https://chat.test/auth?invite=a%2Bb%26c",
    );
  });
});
