"use client";

import { useTexts } from "@/components/preferences";
import { Button } from "./button";

interface Props {
  text: string;
  danger?: boolean;
  disabled?: boolean;
  onCancel: () => void;
}

/** The foot of a form in a dialog: do it, or leave it. */
export function DialogButtons({ text, danger = false, disabled = false, onCancel }: Props) {
  const { common } = useTexts();
  return (
    <div className="mt-5 flex flex-wrap justify-end gap-2">
      <Button onClick={onCancel}>{common.cancel}</Button>
      <Button disabled={disabled} look={danger ? "danger" : "primary"} type="submit">
        {text}
      </Button>
    </div>
  );
}
