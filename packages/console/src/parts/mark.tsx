import type { Event } from "@gatepost/client";
import type { ComponentChildren } from "preact";
import { kindWord, matchOf, type Kind as PersonKind, poorMatch } from "../format/event.ts";
import { words } from "../words/index.ts";

/** Each is made anew where it is shown: see `Icon`. */
const drawings = {
  employee: () => <circle cx="6" cy="6" r="3" />,
  visitor: () => (
    <path
      fill-rule="evenodd"
      d="M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zm0 2a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z"
    />
  ),
  vip: () => <path d="M6 .5 11.5 6 6 11.5.5 6z" />,
  stranger: () => (
    <path
      fill-rule="evenodd"
      d="M1 1h10v10H1zm4.4 6.8v1.5h1.3V7.8zM3.6 4.3h1.3c.1-.7.5-1 1.1-1s1.1.3 1.1.9c0 1-1.7 1-1.7 2.7h1.3c0-1.1 1.8-1.1 1.8-2.8C8.5 2.9 7.5 2.2 6 2.2S3.7 3 3.6 4.3z"
    />
  ),
  blacklist: () => (
    <path fill-rule="evenodd" d="M3.7.5h4.6l3.2 3.2v4.6l-3.2 3.2H3.7L.5 8.3V3.7zM2.6 4.9v2.2h6.8V4.9z" />
  ),
  unknown: () => <path d="M2 5h8v2H2z" />,
  ok: () => <circle cx="6" cy="6" r="4.5" />,
  half: () => <path fill-rule="evenodd" d="M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1zm0 1.5v7a3.5 3.5 0 0 1 0-7z" />,
  bad: () => <path d="M2.2.8 6 4.6 9.8.8l1.4 1.4L7.4 6l3.8 3.8-1.4 1.4L6 7.4l-3.8 3.8L.8 9.8 4.6 6 .8 2.2z" />,
  tick: () => <path d="M4.7 10.5.8 6.6l1.5-1.5 2.4 2.4 5-5.4 1.5 1.5z" />,
  bar: () => <path d="M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z" />,
};

export type MarkName = keyof typeof drawings;

/** A small filled shape: what a kind or a state is known by without its colour. */
export function Mark({ name }: { name: MarkName }) {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true">
      {drawings[name]()}
    </svg>
  );
}

/** The kind of a person: a shape, a word, and only then a colour. */
export function Kind({ of, isAlone = false }: { of: PersonKind; isAlone?: boolean }) {
  return (
    <span class={`kind ${of}${isAlone ? " only" : ""}`}>
      <Mark name={of} />
      {kindWord(of)}
    </span>
  );
}

export const toneOf = {
  pending: "wait",
  announced: "wait",
  withheld: "",
  declined: "",
  done: "ok",
  failed: "bad",
} as const satisfies Record<Event["actions"][number]["state"], Tone>;

/** What became of what the box asked for, in a row. */
export function ActionMarks({ of }: { of: Event }) {
  return (
    <>
      {of.actions.map(({ id, wantAction, state }) => (
        <State key={id} tone={toneOf[state]}>
          {words.value.outcome[wantAction][state]}
        </State>
      ))}
    </>
  );
}

/** That a terminal did not let the person pass; nothing for any other event. */
export function Denied({ of }: { of: Pick<Event, "result"> }) {
  return of.result === "denied" ? <State tone="bad">{words.value.denied}</State> : null;
}

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

/** The match of 100 as a bar and a number; nothing if the box sent none. */
export function Score({ of }: { of: Pick<Event, "score" | "scoreScale"> }) {
  const match = matchOf(of);
  if (match === null) return null;
  return (
    <span class="score">
      <svg viewBox="0 0 48 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="48" height="4" />
        <rect class={match < poorMatch ? "fill low" : "fill"} width={((48 * match) / 100).toFixed(1)} height="4" />
      </svg>
      <span class="hide">{words.value.match} </span>
      {match.toFixed(0)}
    </span>
  );
}

/** Id and box of a person whose name others have, too. */
export function Which({ of }: { of: string | null }) {
  return of === null ? null : <bdi class="meta which">{of}</bdi>;
}
