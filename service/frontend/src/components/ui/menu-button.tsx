import { Icon, type IconName } from "./icon";

interface Props {
  icon: IconName;
  text: string;
  onClick: () => void;
}

/** One line of a small menu. */
export function MenuButton({ icon, text, onClick }: Props) {
  return (
    <button
      className="flex min-h-10 w-full items-center gap-3 rounded-lg px-2.5 text-start hover:bg-hover"
      onClick={onClick}
      type="button"
    >
      <Icon className="text-quiet" name={icon} />
      {text}
    </button>
  );
}
