"use client";

import { type FormEvent, useId, useState } from "react";
import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import type { ModelSettings } from "@/lib/api/types";
import {
  formOf,
  MAX_SYSTEM_PROMPT,
  type NumberSetting,
  readForm,
  type SettingsForm as Typed,
} from "@/lib/chat/model-settings";
import { modelSettingsOf } from "@/lib/chat/state";
import { textForError } from "@/lib/error-text";
import { focusFirstProblem } from "@/lib/focus";
import { useChat, useConversationId, useSession } from "./chat-context";

interface Props {
  onClose: () => void;
}

/** Instructions and parameters for the model, of this conversation or of the one that begins next. */
export default function SettingsDialog({ onClose }: Props) {
  const { chat, common, tuning } = useTexts();
  const conversationId = useConversationId();
  const current = useChat((state) => modelSettingsOf(state, conversationId));
  const load = useChat((state) => state.conversations[conversationId ?? ""]?.load);
  const unavailable = { missing: chat.missing, failed: chat.loadFailed }[String(load)];
  return (
    <Dialog onClose={onClose} title={tuning.title}>
      {current === null ? (
        // A form that was empty only because nothing had arrived would be saved as such.
        <>
          <p className="text-quiet" role="status">
            {unavailable ?? common.loading}
          </p>
          <div className="mt-5 flex justify-end">
            <Button onClick={onClose}>{common.close}</Button>
          </div>
        </>
      ) : (
        <SettingsForm
          conversationId={conversationId}
          current={current}
          key={conversationId}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

interface FormProps extends Props {
  conversationId: string | null;
  current: ModelSettings;
}

function SettingsForm({ conversationId, current, onClose }: FormProps) {
  const texts = useTexts();
  const { tuning: t, common } = texts;
  const session = useSession();
  const promptId = useId();
  const [form, setForm] = useState<Typed>(() => formOf(current));
  const [checked, setChecked] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const { settings, wrong } = readForm(form);
  const set = (name: keyof Typed, value: string) => setForm({ ...form, [name]: value });

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    if (wrong.length > 0) {
      focusFirstProblem(event.currentTarget);
      return;
    }
    try {
      await session.applySettings(conversationId, settings);
      onClose();
    } catch (error) {
      setFailure(error);
    }
  };

  const number = (name: NumberSetting, label: string, hint: string, problem: string) => (
    <TextField
      error={checked && wrong.includes(name) ? problem : undefined}
      hint={hint}
      inputMode={name === "max_tokens" ? "numeric" : "decimal"}
      label={label}
      onChange={(event) => set(name, event.target.value)}
      placeholder={t.byServer}
      value={form[name]}
    />
  );

  return (
    <form className="space-y-4" noValidate onSubmit={submit}>
      <div>
        <label className="mb-1.5 block text-sm font-medium" htmlFor={promptId}>
          {t.systemPrompt}
        </label>
        <textarea
          aria-describedby={`${promptId}-hint`}
          className="field field-sizing-content max-h-[40dvh] min-h-28 resize-y"
          id={promptId}
          maxLength={MAX_SYSTEM_PROMPT}
          onChange={(event) => set("system_prompt", event.target.value)}
          placeholder={t.systemPromptExample}
          rows={4}
          value={form.system_prompt}
        />
        <p className="mt-1.5 text-sm text-quiet" id={`${promptId}-hint`}>
          {t.systemPromptHint}
        </p>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        {number("temperature", t.temperature, t.temperatureHint, t.temperatureWrong)}
        {number("top_p", t.topP, t.topPHint, t.topPWrong)}
      </div>
      {number("max_tokens", t.maxTokens, t.maxTokensHint, t.maxTokensWrong)}
      {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
      <div className="flex justify-end gap-2 pt-1">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button look="primary" type="submit">
          {common.save}
        </Button>
      </div>
    </form>
  );
}
