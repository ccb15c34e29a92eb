/** Line icons on a 24-unit grid; drawn here because a dozen need no library. */
const PATHS = {
  plus: "M12 5v14M5 12h14",
  compose: "M12 20h8M4 20l1-4.5L16.5 4a2.1 2.1 0 0 1 3 3L8 18.5z",
  menu: "M4 7h16M4 12h16M4 17h10",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M6 11l6-6 6 6",
  clip: "M19 11.5l-7.4 7.4a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-7.9 7.9a1.5 1.5 0 0 1-2.2-2.2l7.1-7",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M7 10l5 5 5-5",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  braces:
    "M9 4H8a2 2 0 0 0-2 2v3.5L4 12l2 2.5V18a2 2 0 0 0 2 2h1M15 4h1a2 2 0 0 1 2 2v3.5l2 2.5-2 2.5V18a2 2 0 0 1-2 2h-1",
  pin: "M9 4h6l-1 6 3.5 3.5h-11L10 10zM12 13.5V20",
  archive: "M3.5 5h17v4h-17zM5 9v11h14V9M10 13h4",
  unarchive: "M3.5 5h17v4h-17zM5 9v11h14V9M12 17.5v-5M9.5 14.5L12 12l2.5 2.5",
  keyboard: "M3 7h18v10H3zM7 10.5h.01M10.5 10.5h.01M14 10.5h.01M17.5 10.5h.01M8 14h8",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  back: "M14 7l-5 5 5 5",
  forward: "M10 7l5 5-5 5",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  arrowDown: "M12 5v14M6 13l6 6 6-6",
  retry: "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5",
  alert: "M12 8.5v4.5M12 16.5h.01M12 3.5l9 16H3z",
  info: "M12 11v5.5M12 7.5h.01M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  file: "M14 3H6v18h12V7zM14 3v4h4",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
  eyeOff:
    "M4 4l16 16M10 5.7A9.4 9.4 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-2.8 3.5M6.5 7.3A15.4 15.4 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4.5-1.2M10 10.1a2.8 2.8 0 0 0 3.9 3.9",
  key: "M14.5 9.5a4.5 4.5 0 1 1-2-3.7 4.5 4.5 0 0 1 2 3.7zM13.5 12l6.5 6.5M17 15.5l-2 2",
  logOut: "M14 4H5v16h9M10 12h11M17.5 8.5L21 12l-3.5 3.5",
  pencil: "M4 20l1-4.5L16.5 4a2.1 2.1 0 0 1 3 3L8 18.5z",
  trash: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13",
  thought: "M12 3.5a6 6 0 0 0-3.5 10.9V17h7v-2.6A6 6 0 0 0 12 3.5zM9.5 20.5h5",
  sliders: "M4 7.5h9M18 7.5h2M15.5 5v5M4 16.5h2M11 16.5h9M8.5 14v5",
  people:
    "M9 11a3.4 3.4 0 1 0 0-6.8A3.4 3.4 0 0 0 9 11zM2.8 19.5a6.2 6.2 0 0 1 12.4 0M15.5 4.6a3.2 3.2 0 0 1 0 6M17.5 13.8a6.2 6.2 0 0 1 3.7 5.7",
  leave: "M19 12H5M11 6l-6 6 6 6",
  chart: "M4 20h16M7 16v-5M12 16V6M17 16v-8",
  person: "M12 11.5a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6zM5 20a7 7 0 0 1 14 0",
  ticket: "M4 6.5h16v3.7a1.9 1.9 0 0 0 0 3.6v3.7H4v-3.7a1.9 1.9 0 0 0 0-3.6zM14 6.5v11",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2",
  list: "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
  pulse: "M3 12h4l2.5-6 4.5 12 2.5-6H21",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
  ban: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
} as const;

export type IconName = keyof typeof PATHS;

interface Props {
  name: IconName;
  size?: number;
  className?: string;
}

/** An icon beside or instead of a text; never the only name of a control. */
export function Icon({ name, size = 18, className }: Props) {
  return (
    <svg
      aria-hidden="true"
      className={className}
      fill="none"
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth={name === "more" ? 2.6 : 1.7}
      viewBox="0 0 24 24"
      width={size}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
