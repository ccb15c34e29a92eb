"use client";

import { useState } from "react";
import { useUser } from "@/components/account/user-context";
import { IconButton } from "@/components/ui/button";
import { Disclosure } from "@/components/ui/disclosure";
import type { IconName } from "@/components/ui/icon";
import { MenuButton } from "@/components/ui/menu-button";
import { fill } from "@/i18n";
import { type ActName, actsFor } from "@/lib/admin/acts";
import type { Account } from "@/lib/api/admin";
import { ConfirmAct } from "./confirm-act";
import { LimitsDialog } from "./limits-dialog";
import { useAdminApi, useAdminTexts } from "./use-admin";

/** What came of an act: the account as it is now, what to say, and a password that is shown once. */
export interface Outcome {
  account: Account;
  removed: boolean;
  text?: string;
  password?: string;
}

interface Props {
  account: Account;
  onOutcome: (outcome: Outcome) => void;
}

const ICONS: Record<ActName, IconName> = {
  approve: "check",
  reject: "close",
  deactivate: "ban",
  reactivate: "check",
  makeAdmin: "people",
  makeUser: "person",
  setLimits: "sliders",
  resetPassword: "key",
  remove: "trash",
};

/** The menu of an account, and the dialog of what was chosen in it. */
export function UserActs({ account, onOutcome }: Props) {
  const texts = useAdminTexts();
  const self = useUser();
  const [chosen, setChosen] = useState<ActName | null>(null);
  const perform = usePerform(account);
  const { username } = account;
  // What needs no question is on its way unseen: another dialog may be open by the time it is done.
  const leave = (act: ActName) => setChosen((now) => (now === act ? null : now));
  return (
    <>
      <Disclosure
        panelClassName="end-0 top-full w-60"
        trigger={(properties) => (
          <IconButton {...properties} icon="more" label={fill(texts.users.options, { username })} />
        )}
      >
        {(close) =>
          actsFor(account, self.id).map((act) => (
            <MenuButton
              danger={act === "remove" || act === "reject"}
              icon={ICONS[act]}
              key={act}
              onClick={() => {
                close();
                setChosen(act);
              }}
              text={texts.acts[act]}
            />
          ))
        }
      </Disclosure>
      {chosen === "setLimits" && (
        <LimitsDialog
          account={account}
          onClose={() => setChosen(null)}
          onSaved={(changed) => {
            leave("setLimits");
            onOutcome({
              account: changed,
              removed: false,
              text: fill(texts.done.limits, { username }),
            });
          }}
        />
      )}
      {chosen !== null && chosen !== "setLimits" && (
        <ConfirmAct
          act={chosen}
          onClose={() => setChosen(null)}
          perform={async () => {
            const outcome = await perform(chosen);
            leave(chosen);
            onOutcome(outcome);
          }}
          username={username}
        />
      )}
    </>
  );
}

/** Return what carries out an act on an account. */
export function usePerform(
  account: Account,
): (act: Exclude<ActName, "setLimits">) => Promise<Outcome> {
  const api = useAdminApi();
  const { done } = useAdminTexts();
  const { id, username } = account;
  const say = (text: string) => fill(text, { username });
  const changed = async (work: Promise<Account>, text: string): Promise<Outcome> => ({
    account: await work,
    removed: false,
    text: say(text),
  });
  const removed = async (work: Promise<void>, text: string): Promise<Outcome> => {
    await work;
    return { account, removed: true, text: say(text) };
  };
  return (act) => {
    switch (act) {
      case "approve":
        return changed(api.approve(id), done.approved);
      case "reject":
        return removed(api.reject(id), done.rejected);
      case "deactivate":
        return changed(api.deactivate(id), done.deactivated);
      case "reactivate":
        return changed(api.reactivate(id), done.reactivated);
      case "makeAdmin":
        return changed(api.setRole(id, "admin"), done.madeAdmin);
      case "makeUser":
        return changed(api.setRole(id, "user"), done.madeUser);
      case "resetPassword":
        return api
          .resetPassword(id)
          .then(({ user, password }) => ({ account: user, removed: false, password }));
      case "remove":
        return removed(api.deleteUser(id), done.removed);
      default:
        return act satisfies never;
    }
  };
}
