import type { Attachment } from "@/lib/api/types";

/** A file on its way to, or already at, the server. */
export interface Upload {
  key: number;
  /** The conversation with whose next message it goes; null for one that is yet to begin. */
  conversationId: string | null;
  filename: string;
  attachment: Attachment | null;
  failure: unknown;
}

export type UploadAction =
  | { type: "added"; upload: Upload }
  | { type: "changed"; key: number; change: Pick<Partial<Upload>, "attachment" | "failure"> }
  | { type: "removed"; key: number }
  /** Sent from one conversation, perhaps a new one, to another: what came since then goes along. */
  | { type: "sent"; files: readonly Upload[]; from: string | null; to: string }
  | { type: "returned"; files: readonly Upload[]; to: string };

/** The files of messages that are being written, each with its conversation. */
export function uploadsReducer(
  uploads: readonly Upload[],
  action: UploadAction,
): readonly Upload[] {
  switch (action.type) {
    case "added":
      return [...uploads, action.upload];
    case "changed":
      return uploads.map((upload) =>
        upload.key === action.key ? { ...upload, ...action.change } : upload,
      );
    case "removed":
      return uploads.filter(({ key }) => key !== action.key);
    case "sent": {
      const sent = new Set(action.files.map(({ key }) => key));
      return uploads
        .filter(({ key }) => !sent.has(key))
        .map((upload) =>
          upload.conversationId === action.from ? { ...upload, conversationId: action.to } : upload,
        );
    }
    case "returned":
      return [...action.files.map((file) => ({ ...file, conversationId: action.to })), ...uploads];
    default:
      return action satisfies never;
  }
}
