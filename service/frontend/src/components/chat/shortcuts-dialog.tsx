"use client";

import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Keys } from "@/components/ui/keys";
import { SHORTCUT_KEYS } from "@/lib/shortcuts";

/** What the keyboard can do here. */
export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { shortcuts, common } = useTexts();
  const rows: [string, readonly string[]][] = [
    [shortcuts.search, SHORTCUT_KEYS.search],
    [shortcuts.newChat, SHORTCUT_KEYS.newChat],
    [shortcuts.message, SHORTCUT_KEYS.message],
    [shortcuts.send, ["Enter"]],
    [shortcuts.newLine, ["Shift", "Enter"]],
    [shortcuts.stop, ["Esc"]],
    [shortcuts.conversations, ["↑", "↓"]],
    [shortcuts.shortcuts, SHORTCUT_KEYS.shortcuts],
  ];
  return (
    <Dialog onClose={onClose} title={shortcuts.title}>
      <dl className="divide-y divide-line">
        {rows.map(([text, keys]) => (
          <div className="flex items-center justify-between gap-4 py-2.5" key={text}>
            <dt>{text}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
      <div className="mt-5 flex justify-end">
        <Button autoFocus onClick={onClose}>
          {common.close}
        </Button>
      </div>
    </Dialog>
  );
}
