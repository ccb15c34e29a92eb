"use client";

import { useApi } from "@/components/providers";
import { Icon } from "@/components/ui/icon";
import type { Attachment } from "@/lib/api/types";
import { isImage } from "@/lib/chat/state";

/** What was sent with a message: images are shown, other files offered. */
export function AttachmentList({ attachments }: { attachments: readonly Attachment[] }) {
  const api = useApi();
  if (attachments.length === 0) return null;
  return (
    <ul className="flex max-w-[85%] flex-wrap justify-end gap-2">
      {attachments.map((attachment) => {
        const url = api.attachmentUrl(attachment.id);
        return (
          <li className="min-w-0" key={attachment.id}>
            <a
              className="block overflow-hidden rounded-xl border border-line hover:bg-hover"
              href={url}
              rel="noopener"
              target="_blank"
            >
              {isImage(attachment) ? (
                // biome-ignore lint/performance/noImgElement: private files are not for an image optimiser.
                <img alt={attachment.filename} className="max-h-56 max-w-full" src={url} />
              ) : (
                <span className="flex items-center gap-2 px-3 py-2 text-sm">
                  <Icon className="shrink-0 text-quiet" name="file" size={16} />
                  <span className="truncate">{attachment.filename}</span>
                </span>
              )}
            </a>
          </li>
        );
      })}
    </ul>
  );
}
