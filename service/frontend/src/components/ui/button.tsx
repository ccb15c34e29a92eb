import type { ButtonHTMLAttributes, Ref } from "react";
import { Icon, type IconName } from "./icon";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement>;

const LOOKS = {
  primary:
    "bg-accent text-on-accent hover:bg-accent-strong disabled:bg-soft disabled:text-quiet font-medium",
  plain: "border border-line bg-raised hover:bg-hover disabled:text-quiet",
  danger: "bg-danger text-page hover:opacity-90 disabled:bg-soft disabled:text-quiet font-medium",
} as const;

/** A button with a text. */
export function Button({
  look = "plain",
  className = "",
  ...rest
}: ButtonProps & { look?: keyof typeof LOOKS }) {
  return (
    <button
      type="button"
      {...rest}
      className={`inline-flex min-h-10 items-center justify-center gap-2 rounded-xl px-4 py-2 transition-colors ${LOOKS[look]} ${className}`}
    />
  );
}

interface IconButtonProps extends ButtonProps {
  icon: IconName;
  /** What it does, for those who can't see the icon; also the tooltip. */
  label: string;
  size?: number;
  round?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A square button that shows an icon only; large enough for a finger. */
export function IconButton({
  icon,
  label,
  size = 18,
  round = false,
  className = "",
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      className={`inline-flex size-9 shrink-0 items-center justify-center text-quiet transition-colors hover:bg-hover hover:text-ink ${round ? "rounded-full" : "rounded-lg"} ${className}`}
      title={label}
    >
      <Icon name={icon} size={size} />
    </button>
  );
}
