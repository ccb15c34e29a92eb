"use client";

import { useOverlay } from "@/components/chat/overlays";
import { useTexts } from "@/components/preferences";
import { Disclosure } from "@/components/ui/disclosure";
import { Icon } from "@/components/ui/icon";
import { MenuButton, MenuLink } from "@/components/ui/menu-button";
import { fill } from "@/i18n";
import { LocaleSwitch } from "./locale-switch";
import { ThemeSwitch } from "./theme-switch";
import { useLogOut } from "./use-log-out";
import { useUser } from "./user-context";

/** The account, at the foot of the sidebar: appearance, language, the way to settings and administration, log out. */
export function UserMenu() {
  const user = useUser();
  const { account, shortcuts } = useTexts();
  const show = useOverlay();
  const logOut = useLogOut();
  // All that is seen on the button, in its order: whoever speaks to the browser says what they see.
  const shown = user.is_admin ? `${user.username} ${account.admin}` : user.username;

  return (
    <Disclosure
      panelClassName="bottom-full inset-x-0 mb-2"
      trigger={(properties) => (
        <button
          {...properties}
          aria-label={fill(account.menu, { username: shown })}
          className="flex w-full items-center gap-3 rounded-xl px-2.5 py-2 text-start transition-colors hover:bg-hover"
          type="button"
        >
          {/* Drawn by the style sheet: a letter that is no part of the button's name. */}
          <span
            aria-hidden="true"
            className="grid size-8 shrink-0 place-content-center rounded-full bg-accent-soft text-sm font-semibold text-accent-strong uppercase before:content-[attr(data-letter)]"
            data-letter={[...user.username][0]}
          />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{user.username}</span>{" "}
            {user.is_admin && <span className="block text-xs text-quiet">{account.admin}</span>}
          </span>
          <Icon className="rotate-180 text-quiet" name="chevron" />
        </button>
      )}
    >
      {(close) => (
        <>
          <div className="p-1.5">
            <ThemeSwitch />
          </div>
          <div className="px-1.5 pb-2">
            <LocaleSwitch />
          </div>
          <hr className="my-1 border-line" />
          <MenuLink href="/settings" icon="sliders" text={account.settings} />
          {user.is_admin && <MenuLink href="/admin" icon="people" text={account.administration} />}
          <MenuButton
            icon="keyboard"
            onClick={() => {
              close();
              show("shortcuts");
            }}
            text={shortcuts.title}
          />
          <MenuButton icon="logOut" onClick={logOut} text={account.logOut} />
        </>
      )}
    </Disclosure>
  );
}
