import Link from "next/link";
import { Icon, type IconName } from "./icon";

const LINE = "flex min-h-10 w-full items-center gap-3 rounded-lg px-2.5 text-start hover:bg-hover";

interface Props {
  icon: IconName;
  text: string;
  /** What can't be taken back looks like it. */
  danger?: boolean;
  onClick: () => void;
}

/** One line of a small menu. */
export function MenuButton({ icon, text, danger = false, onClick }: Props) {
  return (
    <button className={`${LINE} ${danger ? "text-danger" : ""}`} onClick={onClick} type="button">
      <Icon className={danger ? "" : "text-quiet"} name={icon} />
      {text}
    </button>
  );
}

/** One line of a small menu that leads to another page. */
export function MenuLink({ icon, text, href }: { icon: IconName; text: string; href: string }) {
  return (
    <Link className={LINE} href={href} prefetch={false}>
      <Icon className="text-quiet" name={icon} />
      {text}
    </Link>
  );
}

/** One line of a small menu that saves a file. */
export function MenuDownload({
  icon,
  text,
  href,
  onClick,
}: Omit<Props, "danger"> & { href: string }) {
  return (
    <a className={LINE} download href={href} onClick={onClick}>
      <Icon className="text-quiet" name={icon} />
      {text}
    </a>
  );
}
