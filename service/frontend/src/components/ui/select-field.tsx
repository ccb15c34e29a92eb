"use client";

import { type ReactNode, type SelectHTMLAttributes, useId } from "react";

interface Props extends SelectHTMLAttributes<HTMLSelectElement> {
  label: string;
  children: ReactNode;
}

/** A labelled choice among a few. */
export function SelectField({ label, children, ...rest }: Props) {
  const id = useId();
  return (
    <div>
      <label className="mb-1.5 block text-sm font-medium" htmlFor={id}>
        {label}
      </label>
      <select {...rest} className="field" id={id}>
        {children}
      </select>
    </div>
  );
}
