import { Icon } from "../parts/icon.tsx";

/** The first letters of a name in a circle; of a Chinese name its last two characters. A key or a link has none. */
export function Avatar({ name, isPerson = true }: { name: string; isPerson?: boolean }) {
  return (
    <span class="avatar" aria-hidden="true">
      {isPerson ? lettersOf(name) : <Icon name="key" />}
    </span>
  );
}

function lettersOf(name: string): string {
  if (/\p{Script=Han}/u.test(name)) return [...name].slice(-2).join("");
  const parts = name.split(/[\s@.]+/).filter((part) => part !== "");
  return parts
    .slice(0, 2)
    .map((part) => [...part][0]?.toUpperCase())
    .join("");
}
