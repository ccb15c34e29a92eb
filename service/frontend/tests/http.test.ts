import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiClient } from "@/lib/api/client";

const fetched = vi.fn<typeof fetch>();
const cut = () => Promise.reject(new TypeError("Failed to fetch"));
const models = () => Promise.resolve(Response.json({ models: [] }));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  fetched.mockReset();
});

/** What comes of a promise, whatever time it takes. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  const settled = promise.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return settled;
}

describe("a request that finds no network", () => {
  it("is sent once more where it only reads", async () => {
    fetched.mockImplementationOnce(cut).mockImplementationOnce(models);
    expect(await outcome(new ApiClient("").models())).toEqual([]);
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it("says so when there is none for longer", async () => {
    fetched.mockImplementation(cut);
    expect(await outcome(new ApiClient("").models())).toMatchObject({ code: "network", status: 0 });
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it("is sent once only where it changes something, or isn't wanted any more", async () => {
    fetched.mockImplementation(cut);
    expect(await outcome(new ApiClient("").logout())).toMatchObject({ code: "network" });
    expect(fetched).toHaveBeenCalledTimes(1);
    const unwanted = new ApiClient("").resumeAnswer("m1", "0", AbortSignal.abort()).next();
    expect(await outcome(unwanted)).toMatchObject({ code: "network" });
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it("is sent once where it was refused", async () => {
    fetched.mockImplementation(() => Promise.resolve(new Response("", { status: 503 })));
    expect(await outcome(new ApiClient("").models())).toMatchObject({ code: "server_error" });
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});
