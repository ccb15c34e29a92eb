"use client";

import { useCallback, useRef, useState } from "react";
import { useApi } from "@/components/providers";
import { ApiError } from "@/lib/api/errors";
import type { Attachment } from "@/lib/api/types";

/** The backend refuses more; told at once, it saves the upload. */
const MAX_BYTES = 20 * 1024 * 1024;

/** A file on its way to, or already at, the server. */
export interface Upload {
  key: number;
  filename: string;
  attachment: Attachment | null;
  failure: unknown;
}

export interface Uploads {
  items: Upload[];
  pending: boolean;
  add: (files: Iterable<File>) => void;
  remove: (key: number) => void;
  /** Take all, to be sent. */
  clear: () => Upload[];
  /** Have files again that were taken and not sent after all. */
  putBack: (files: Upload[]) => void;
}

/** Upload files while the message is still being written. */
export function useUploads(): Uploads {
  const api = useApi();
  const [items, setItems] = useState<Upload[]>([]);
  const keys = useRef(0);

  const change = useCallback((key: number, part: Partial<Upload>) => {
    setItems((all) => all.map((item) => (item.key === key ? { ...item, ...part } : item)));
  }, []);

  const add = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        keys.current += 1;
        const key = keys.current;
        const tooLarge = file.size > MAX_BYTES ? new ApiError(413, "too_large", "") : null;
        const item = { key, filename: file.name, attachment: null, failure: tooLarge };
        setItems((all) => [...all, item]);
        if (tooLarge !== null) continue;
        api.upload(file).then(
          (attachment) => change(key, { attachment }),
          (failure: unknown) => change(key, { failure }),
        );
      }
    },
    [api, change],
  );

  const remove = useCallback((key: number) => {
    setItems((all) => all.filter((item) => item.key !== key));
  }, []);

  const clear = () => {
    setItems([]);
    return items;
  };
  const putBack = useCallback((files: Upload[]) => setItems((all) => [...files, ...all]), []);
  const pending = items.some((item) => item.attachment === null && item.failure === null);
  return { items, pending, add, remove, clear, putBack };
}
