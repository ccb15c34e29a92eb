"use client";

import { type InputHTMLAttributes, type Ref, useId, useState } from "react";
import { useTexts } from "@/components/preferences";
import { IconButton } from "./button";

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  ref?: Ref<HTMLInputElement>;
}

/** A labelled input that tells, to eyes and ears alike, what is wrong with it. */
export function TextField({ label, hint, error, type = "text", ...rest }: Props) {
  const id = useId();
  const { auth } = useTexts();
  const [revealed, setRevealed] = useState(false);
  const secret = type === "password";
  const note = error ?? hint;
  return (
    <div>
      <label className="mb-1.5 block text-sm font-medium" htmlFor={id}>
        {label}
      </label>
      <div className="relative">
        <input
          {...rest}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          aria-invalid={error !== undefined}
          className={`field ${secret ? "pe-12" : ""}`}
          id={id}
          type={secret && revealed ? "text" : type}
        />
        {secret && (
          <IconButton
            aria-pressed={revealed}
            className="absolute end-1.5 top-1/2 -translate-y-1/2"
            icon={revealed ? "eyeOff" : "eye"}
            label={revealed ? auth.hidePassword : auth.showPassword}
            onClick={() => setRevealed(!revealed)}
          />
        )}
      </div>
      {note !== undefined && (
        <p
          className={`mt-1.5 text-sm ${error === undefined ? "text-quiet" : "text-danger"}`}
          id={`${id}-note`}
        >
          {note}
        </p>
      )}
    </div>
  );
}
