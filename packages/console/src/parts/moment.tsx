import { clockTime, day, exactTime } from "../format/time.ts";

/** A time of a passing, with the whole of it for who asks. */
export function Moment({ at, class: name, text }: { at: string | number; class?: string; text?: string }) {
  const iso = new Date(at).toISOString();
  return (
    <time class={name} dateTime={iso} title={`${day(at)} ${exactTime(at)}`}>
      {text ?? clockTime(at)}
    </time>
  );
}
