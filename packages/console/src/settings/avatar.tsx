/** The first letters of a name in a circle; of a Chinese name its last two characters. */
export function Avatar({ name }: { name: string }) {
  return (
    <span class="avatar" aria-hidden="true">
      {lettersOf(name)}
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
