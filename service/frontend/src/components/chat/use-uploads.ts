"use client";

import { useCallback, useReducer, useRef } from "react";
import { useApi } from "@/components/providers";
import { ApiError } from "@/lib/api/errors";
import { type Upload, uploadsReducer } from "@/lib/chat/uploads";

/** The backend refuses more; told at once, it saves the upload. */
const MAX_BYTES = 20 * 1024 * 1024;

export interface Uploads {
  items: readonly Upload[];
  pending: boolean;
  add: (files: Iterable<File>) => void;
  remove: (key: number) => void;
  /** Let go of files that were sent; what was added meanwhile goes along to where they were sent. */
  take: (sent: readonly Upload[], conversationId: string) => void;
  /** Have files again that were sent in vain. */
  putBack: (conversationId: string, files: readonly Upload[]) => void;
}

/** Upload files while the message of a conversation is still being written. */
export function useUploads(conversationId: string | null): Uploads {
  const api = useApi();
  const [all, dispatch] = useReducer(uploadsReducer, []);
  const keys = useRef(0);

  const add = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        keys.current += 1;
        const key = keys.current;
        const failure = file.size > MAX_BYTES ? new ApiError(413, "too_large", "") : null;
        const upload = { key, conversationId, filename: file.name, attachment: null, failure };
        dispatch({ type: "added", upload });
        if (failure !== null) continue;
        api.upload(file).then(
          (attachment) => dispatch({ type: "changed", key, change: { attachment } }),
          (error: unknown) => dispatch({ type: "changed", key, change: { failure: error } }),
        );
      }
    },
    [api, conversationId],
  );

  const items = all.filter((upload) => upload.conversationId === conversationId);
  return {
    items,
    pending: items.some((item) => item.attachment === null && item.failure === null),
    add,
    remove: (key) => dispatch({ type: "removed", key }),
    take: (files, to) => dispatch({ type: "sent", files, from: conversationId, to }),
    putBack: (to, files) => dispatch({ type: "returned", files, to }),
  };
}
