import { describe, expect, it } from "vitest";
import { type Upload, type UploadAction, uploadsReducer } from "@/lib/chat/uploads";

function file(key: number, conversationId: string | null): Upload {
  const filename = `${key}.txt`;
  const attachment = { id: `f${key}`, filename, media_type: "text/plain", size: 1 };
  return { key, conversationId, filename, attachment, failure: null };
}

const added = (...files: Upload[]): UploadAction[] =>
  files.map((upload) => ({ type: "added", upload }));
const uploadsAfter = (...actions: UploadAction[]) => actions.reduce(uploadsReducer, []);
const places = (uploads: readonly Upload[]) =>
  uploads.map(({ key, conversationId }) => [key, conversationId]);

describe("files that go with a message", () => {
  it("are taken when it is sent; what was added meanwhile is not lost and goes along", () => {
    const sent: UploadAction = { type: "sent", files: [file(1, null)], from: null, to: "c" };
    const uploads = uploadsAfter(...added(file(1, null), file(2, null)), sent);
    expect(places(uploads)).toEqual([[2, "c"]]);
  });

  it("take nothing with them that waits in another conversation", () => {
    const sent: UploadAction = { type: "sent", files: [file(1, "c")], from: "c", to: "c" };
    expect(places(uploadsAfter(...added(file(1, "c"), file(2, "d")), sent))).toEqual([[2, "d"]]);
  });

  it("come back to where they were sent, before what was added since, wherever one is now", () => {
    const files = [file(1, null)];
    const uploads = uploadsAfter(
      ...added(...files),
      { type: "sent", files, from: null, to: "c" },
      ...added(file(2, "c"), file(3, "d")),
      { type: "returned", files, to: "c" },
    );
    expect(places(uploads)).toEqual([
      [1, "c"],
      [2, "c"],
      [3, "d"],
    ]);
  });

  it("may arrive, fail or be removed one by one", () => {
    const uploads = uploadsAfter(
      ...added({ ...file(1, "c"), attachment: null }, file(2, "c"), file(3, "c")),
      { type: "changed", key: 1, change: { attachment: file(1, "c").attachment } },
      { type: "changed", key: 2, change: { failure: "too large" } },
      { type: "removed", key: 3 },
      { type: "changed", key: 3, change: { failure: "late" } },
    );
    expect(uploads).toEqual([file(1, "c"), { ...file(2, "c"), failure: "too large" }]);
  });
});
