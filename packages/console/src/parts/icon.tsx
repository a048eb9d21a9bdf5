import type { ComponentChildren } from "preact";

/** Each is made anew where it is shown: one that is kept would keep the page that it was on, which is long gone. */
const drawings = {
  live: () => (
    <>
      <circle cx="8" cy="8" r="2" />
      <path d="M4.5 4.5a5 5 0 0 0 0 7M11.5 4.5a5 5 0 0 1 0 7M2.3 2.3a8 8 0 0 0 0 11.4M13.7 2.3a8 8 0 0 1 0 11.4" />
    </>
  ),
  events: () => (
    <>
      <circle cx="7" cy="7" r="4.5" />
      <path d="m10.5 10.5 3.5 3.5" />
    </>
  ),
  actions: () => <path d="M2.5 8.5 6 12l7.5-8" />,
  people: () => (
    <>
      <circle cx="8" cy="5.5" r="2.8" />
      <path d="M2.8 13.5a5.2 5.2 0 0 1 10.4 0" />
    </>
  ),
  inside: () => <path d="M7 2.5h6.5v11H7M2 8h7M6.5 5.5 9 8l-2.5 2.5" />,
  boxes: () => (
    <>
      <rect x="2.5" y="5.5" width="11" height="7.5" rx="1" />
      <circle cx="8" cy="9.25" r="1.75" />
      <path d="M5.5 3h5" />
    </>
  ),
  problems: () => <path d="M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 12v.01" />,
  rules: () => (
    <>
      <path d="M3 3.5h3.5L10 12.5h3M10.5 3.5H13M3 12.5h2" />
      <circle cx="8.2" cy="3.5" r=".6" />
    </>
  ),
  hours: () => (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 5v3l2 1.5" />
    </>
  ),
  statistics: () => <path d="M3 13V8.5M6.5 13V3M10 13V6.5M13.5 13v-3" />,
  settings: () => (
    <>
      <path d="M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6" />
      <circle cx="10.2" cy="4.5" r="1.7" />
      <circle cx="5.7" cy="11.5" r="1.7" />
    </>
  ),
  alarm: () => <path d="M4 11V7.5a4 4 0 0 1 8 0V11l1.5 1.5h-11zM6.5 14h3" />,
  pause: () => <path d="M5.5 3.5v9M10.5 3.5v9" />,
  sound: () => <path d="M2.5 6.5v3h2.5l3.5 3v-9L5 6.5zM11 6a3 3 0 0 1 0 4M12.8 4.3a5.5 5.5 0 0 1 0 7.4" />,
  mute: () => <path d="M2.5 6.5v3h2.5l3.5 3v-9L5 6.5zM11 6.2l3 3.6M14 6.2l-3 3.6" />,
  full: () => <path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />,
  grid: () => <path d="M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z" />,
  list: () => <path d="M2.5 4h11M2.5 8h11M2.5 12h11" />,
  x: () => <path d="m4 4 8 8M12 4l-8 8" />,
  plus: () => <path d="M8 3v10M3 8h10" />,
  down: () => <path d="m4 6.5 4 4 4-4" />,
  up: () => <path d="m4 9.5 4-4 4 4" />,
  left: () => <path d="m9.5 4-4 4 4 4" />,
  next: () => <path d="m6.5 4 4 4-4 4" />,
  right: () => <path d="M3 8h10M9 4l4 4-4 4" />,
  copy: () => (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1" />
      <path d="M10.5 5.5v-3h-8v8h3" />
    </>
  ),
  off: () => (
    <path d="M2 6a9 9 0 0 1 3-1.9M8 3.3c2.3 0 4.4 1 6 2.7M4.5 9a5 5 0 0 1 2-1.3M10 7.9a5 5 0 0 1 1.5 1.1M8 12v.01M2.5 2.5l11 11" />
  ),
  check: () => <path d="m3.5 8.5 3 3 6-7" />,
  pencil: () => <path d="M3 13l.6-2.6L10.8 3.2l2 2L5.6 12.4z" />,
  send: () => <path d="M2.5 8h10M9 4l4 4-4 4" />,
  replay: () => <path d="M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3" />,
  more: () => <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" />,
  key: () => (
    <>
      <circle cx="5" cy="8" r="2.5" />
      <path d="M7.5 8h6M11.5 8v2.5" />
    </>
  ),
  info: () => (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 7.5V11M8 5.2v.01" />
    </>
  ),
  print: () => <path d="M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z" />,
  download: () => <path d="M8 2.5v8M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11" />,
} satisfies Record<string, () => ComponentChildren>;

export type IconName = keyof typeof drawings;

/** A drawing in lines, which a word beside it or a label around it names. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="i" viewBox="0 0 16 16" aria-hidden="true">
      {drawings[name]()}
    </svg>
  );
}
