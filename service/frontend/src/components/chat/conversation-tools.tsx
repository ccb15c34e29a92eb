"use client";

import { useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { IconButton } from "@/components/ui/button";
import { Disclosure } from "@/components/ui/disclosure";
import { MenuDownload } from "@/components/ui/menu-button";
import { isSet } from "@/lib/chat/model-settings";
import { modelSettingsOf, summaryOf } from "@/lib/chat/state";
import { useChat } from "./chat-context";
import { useOverlay } from "./overlays";

/** At the head of a conversation: its settings, and ways to take it away. */
export function ConversationTools({ conversationId }: { conversationId: string | null }) {
  const { tuning, exporting } = useTexts();
  const api = useApi();
  const show = useOverlay();
  const settings = useChat((state) => modelSettingsOf(state, conversationId));
  const changed = settings !== null && isSet(settings);
  const stored = useChat(
    (state) => conversationId !== null && summaryOf(state, conversationId) !== null,
  );

  return (
    <>
      <div className="relative ms-auto">
        <IconButton
          icon="sliders"
          label={changed ? tuning.openChanged : tuning.open}
          onClick={() => show("settings")}
        />
        {changed && (
          <span className="pointer-events-none absolute end-1 top-1 size-2 rounded-full bg-accent" />
        )}
      </div>
      {conversationId !== null && stored && (
        <Disclosure
          panelClassName="end-0 top-full mt-1 w-56"
          trigger={(properties) => (
            <IconButton {...properties} icon="download" label={exporting.open} />
          )}
        >
          {(close) => (
            <>
              <MenuDownload
                href={api.exportUrl(conversationId, "markdown")}
                icon="file"
                onClick={close}
                text={exporting.markdown}
              />
              <MenuDownload
                href={api.exportUrl(conversationId, "json")}
                icon="braces"
                onClick={close}
                text={exporting.json}
              />
            </>
          )}
        </Disclosure>
      )}
    </>
  );
}
