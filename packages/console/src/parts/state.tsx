import type { ComponentChildren } from "preact";
import { Mark, type MarkName } from "./mark.tsx";

export type Tone = "ok" | "bad" | "wait" | "";

const marks: Record<Tone, MarkName> = { ok: "tick", bad: "bad", wait: "half", "": "bar" };

/** What became of something: a mark, a word, a colour. Without a word it is named by `label`. */
export function State({
  tone,
  mark = marks[tone],
  label,
  children,
}: {
  tone: Tone;
  mark?: MarkName;
  label?: string;
  children?: ComponentChildren;
}) {
  return (
    <span class={`state ${tone}`}>
      <Mark name={mark} />
      {children}
      {label === undefined ? null : <span class="hide">{label}</span>}
    </span>
  );
}
