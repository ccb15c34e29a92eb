"use client";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { SecretOnce } from "@/components/ui/secret-once";
import { fill } from "@/i18n";
import { useAdminTexts } from "./use-admin";

interface Props {
  username: string;
  password: string;
  onClose: () => void;
}

/** A generated password, this once. */
export function PasswordShown({ username, password, onClose }: Props) {
  const { dialogs } = useAdminTexts();
  return (
    <Dialog onClose={null} title={fill(dialogs.passwordTitle, { username })}>
      <SecretOnce
        copyLabel={dialogs.copyPassword}
        label={dialogs.password}
        note={dialogs.passwordNote}
        value={password}
      />
      <div className="mt-5 flex justify-end">
        <Button look="primary" onClick={onClose}>
          {dialogs.done}
        </Button>
      </div>
    </Dialog>
  );
}
