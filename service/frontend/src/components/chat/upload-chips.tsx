"use client";

import { useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Icon } from "@/components/ui/icon";
import { fill } from "@/i18n";
import { isImage } from "@/lib/chat/state";
import type { Upload } from "@/lib/chat/uploads";
import { textForError } from "@/lib/error-text";
import { focusComposer } from "./chat-context";
import type { Uploads } from "./use-uploads";

/** The files that go with the next message. */
export function UploadChips({ uploads }: { uploads: Uploads }) {
  if (uploads.items.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-2 px-1.5 pt-1 pb-1.5">
      {uploads.items.map((item) => (
        <UploadChip
          item={item}
          key={item.key}
          onRemove={() => {
            uploads.remove(item.key);
            focusComposer();
          }}
        />
      ))}
    </ul>
  );
}

function UploadChip({ item, onRemove }: { item: Upload; onRemove: () => void }) {
  const texts = useTexts();
  const api = useApi();
  const failed = item.failure !== null;
  const note = () => {
    if (failed) return textForError(texts, item.failure);
    return item.attachment === null ? texts.chat.uploading : null;
  };
  return (
    <li
      className={`flex max-w-full items-center gap-2 rounded-xl py-1.5 ps-3 pe-1 text-sm ${failed ? "bg-danger-soft text-danger" : "bg-soft"}`}
    >
      {item.attachment !== null && isImage(item.attachment) ? (
        // biome-ignore lint/performance/noImgElement: private files are not for an image optimiser.
        <img
          alt=""
          className="size-9 shrink-0 rounded-lg object-cover"
          src={api.attachmentUrl(item.attachment.id)}
        />
      ) : (
        <Icon className="shrink-0" name={failed ? "alert" : "file"} size={16} />
      )}
      <span className="min-w-0">
        <span className="block truncate">{item.filename}</span>
        <span className="block text-xs" role={failed ? "alert" : undefined}>
          {note()}
        </span>
      </span>
      <button
        aria-label={fill(texts.chat.removeAttachment, { filename: item.filename })}
        className="grid size-8 shrink-0 place-content-center rounded-lg hover:bg-hover"
        onClick={onRemove}
        type="button"
      >
        <Icon name="close" size={15} />
      </button>
    </li>
  );
}
