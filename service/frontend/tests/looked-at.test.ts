import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Tab, whileLookedAt } from "@/lib/looked-at";

const MINUTE = 60_000;

/** A tab that a test hides and shows. */
class FakeTab {
  readonly window = new EventTarget() as unknown as Window;
  readonly document = Object.assign(new EventTarget(), {
    visibilityState: "visible" as DocumentVisibilityState,
  });

  become(visibility: DocumentVisibilityState): void {
    this.document.visibilityState = visibility;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  focus(): void {
    this.window.dispatchEvent(new Event("focus"));
  }
}

describe("while somebody looks at the tab", () => {
  let tab: FakeTab;
  let acts: number;
  let end: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    tab = new FakeTab();
    acts = 0;
    end = whileLookedAt(() => (acts += 1), MINUTE, tab as unknown as Tab);
  });
  afterEach(() => {
    end();
    vi.useRealTimers();
  });

  it("acts every minute, and not before", () => {
    expect(acts).toBe(0);
    vi.advanceTimersByTime(3 * MINUTE);
    expect(acts).toBe(3);
  });

  it("does nothing while it is hidden, and acts at once when it is seen again", () => {
    tab.become("hidden");
    vi.advanceTimersByTime(10 * MINUTE);
    expect(acts).toBe(0);
    tab.become("visible");
    expect(acts).toBe(1);
  });

  it("acts when the tab gets the keyboard, once for what the browser tells twice", () => {
    tab.become("visible");
    tab.focus();
    expect(acts).toBe(1);
    vi.advanceTimersByTime(2_000);
    tab.focus();
    expect(acts).toBe(2);
  });

  it("acts on coming back alone where no pause is named", () => {
    end();
    end = whileLookedAt(() => (acts += 1), null, tab as unknown as Tab);
    vi.advanceTimersByTime(3 * MINUTE);
    expect(acts).toBe(0);
    tab.focus();
    expect(acts).toBe(1);
  });

  it("ends when it is told to", () => {
    end();
    vi.advanceTimersByTime(2 * MINUTE);
    tab.focus();
    expect(acts).toBe(0);
  });
});
