import { describe, expect, it } from "vitest";
import { Drafts, forgetDrafts, putBefore } from "@/lib/chat/drafts";

class MemoryStorage {
  readonly items = new Map<string, string>();

  get length() {
    return this.items.size;
  }

  key(index: number) {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key: string) {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string) {
    this.items.set(key, value);
  }

  removeItem(key: string) {
    this.items.delete(key);
  }
}

describe("drafts", () => {
  it("are kept by conversation and by user", () => {
    const storage = new MemoryStorage();
    new Drafts(storage, "u1").write("c1", "half a");
    new Drafts(storage, "u1").write(null, "brand new");
    expect(new Drafts(storage, "u1").read("c1")).toBe("half a");
    expect(new Drafts(storage, "u1").read(null)).toBe("brand new");
    expect(new Drafts(storage, "u1").read("c2")).toBe("");
    expect(new Drafts(storage, "u2").read("c1")).toBe("");
  });

  it("leave nothing behind once they are sent, or when their writer logs out", () => {
    const storage = new MemoryStorage();
    storage.setItem("of somebody else", "stays");
    const drafts = new Drafts(storage, "u1");
    drafts.write("c1", "half a");
    drafts.write("c1", "");
    expect(storage.length).toBe(1);
    for (const id of ["c1", "c2", "c3"]) drafts.write(id, "half a");
    forgetDrafts(storage);
    expect([...storage.items.keys()]).toEqual(["of somebody else"]);
  });

  it("do no harm where a browser keeps nothing", () => {
    const full = new MemoryStorage();
    full.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    new Drafts(full, "u1").write("c1", "half a");
    new Drafts(null, "u1").write("c1", "half a");
    expect(new Drafts(null, "u1").read("c1")).toBe("");
  });
});

describe("a text that was sent in vain", () => {
  it("comes back before what was begun meanwhile: neither is lost", () => {
    const drafts = new Drafts(new MemoryStorage(), "u1");
    drafts.write("c", "and then");
    drafts.putBack("c", "first");
    expect(drafts.read("c")).toBe("first\n\nand then");
    expect(putBefore("first", "")).toBe("first");
    expect(putBefore("first", "and then")).toBe("first\n\nand then");
    expect(putBefore("", "and then")).toBe("and then");
  });
});
