import { describe, expect, it } from "vitest";
import { contentSecurityPolicy } from "@/lib/csp";
import { readTheme } from "@/lib/preferences";
import { apiOrigin, readPageConfig } from "@/lib/server-config";

describe("the address of the API", () => {
  it("is the page's own unless one is given", () => {
    expect(readPageConfig(new Headers())).toEqual({ apiUrl: "" });
    expect(apiOrigin(readPageConfig(new Headers()))).toBeNull();
  });

  it("loses its last slash, so that paths join", () => {
    const config = readPageConfig(
      new Headers({ "X-LLMChat-Api-Url": "http://192.168.1.100:8000/" }),
    );
    expect(config.apiUrl).toBe("http://192.168.1.100:8000");
    expect(apiOrigin(config)).toBe("http://192.168.1.100:8000");
  });

  it("that can't be read opens nothing in the policy", () => {
    expect(apiOrigin({ apiUrl: "script-src *" })).toBeNull();
  });
});

describe("the Content-Security-Policy", () => {
  const policy = contentSecurityPolicy({ nonce: "n0nce", apiOrigin: null, development: false });

  it("runs nothing without the nonce", () => {
    expect(policy).toContain("script-src 'self' 'nonce-n0nce' 'strict-dynamic';");
    expect(policy).not.toContain("unsafe");
  });

  it("lets the page talk to itself only, and nobody frame it", () => {
    expect(policy).toContain("default-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).toContain("img-src 'self' blob: data:;");
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it("opens to a given API and nothing more", () => {
    const other = contentSecurityPolicy({
      nonce: "n",
      apiOrigin: "https://api.test",
      development: false,
    });
    expect(other).toContain("connect-src 'self' https://api.test;");
  });
});

describe("a remembered choice", () => {
  it("that is unknown counts as none", () => {
    expect(readTheme("dark")).toBe("dark");
    expect(readTheme("neon")).toBe("system");
    expect(readTheme(undefined)).toBe("system");
  });
});
