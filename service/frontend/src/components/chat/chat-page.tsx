"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { PasswordDialog } from "@/components/account/password-dialog";
import { useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { ApiError } from "@/lib/api/errors";
import type { User } from "@/lib/api/types";
import { textForError } from "@/lib/error-text";
import { ChatProvider } from "./chat-context";
import { ChatShell } from "./chat-shell";

/** Ask who is here, then show the chat, the way to log in, or first the way to a password of one's own. */
export function ChatPage() {
  const api = useApi();
  const router = useRouter();
  const texts = useTexts();
  const [user, setUser] = useState<User | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks again.
  useEffect(() => {
    api.me().then(
      (me) => setUser(me),
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 401) router.replace("/auth");
        else setFailure(error);
      },
    );
  }, [api, router, attempt]);

  if (user?.must_change_password) {
    return (
      <main className="min-h-dvh">
        <PasswordDialog
          onClose={() => setUser({ ...user, must_change_password: false })}
          required
        />
      </main>
    );
  }
  if (user !== null) {
    return (
      <ChatProvider user={user}>
        <ChatShell />
      </ChatProvider>
    );
  }
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-4 p-6">
      {failure === null ? (
        <p className="text-quiet">{texts.common.loading}</p>
      ) : (
        <>
          <Notice kind="problem">{textForError(texts, failure)}</Notice>
          <Button
            onClick={() => {
              setFailure(null);
              setAttempt(attempt + 1);
            }}
          >
            {texts.common.retry}
          </Button>
        </>
      )}
    </main>
  );
}
