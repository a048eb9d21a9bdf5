import type { Api } from "@gatepost/client";
import { type Signal, signal } from "@preact/signals";
import { clockForm } from "../../parts/pages/clock-field.tsx";
import { isDay } from "../../state/days.ts";

/** One version of a schedule. */
export type Schedule = Api["GET /v1/schedules"]["answer"]["schedules"][number];
export type Wish = Api["PUT /v1/schedules/{id}"]["body"];

/** A break as it is typed: from and to, or its minutes and the ones after which it is due. */
export interface TypedBreak {
  is: "at" | "long";
  texts: readonly [string, string];
}

/** The fields of the form, as they are typed. */
export interface Draft {
  name: Signal<string>;
  groups: Signal<string>;
  start: Signal<string>;
  end: Signal<string>;
  lateAfter: Signal<string>;
  earlyBefore: Signal<string>;
  weekdays: Signal<readonly number[]>;
  inFrom: Signal<string>;
  inTo: Signal<string>;
  outFrom: Signal<string>;
  outTo: Signal<string>;
  breaks: Signal<readonly TypedBreak[]>;
  endsOpen: Signal<boolean>;
  nightFrom: Signal<string>;
  nightTo: Signal<string>;
  validFrom: Signal<string>;
}

const usual = {
  name: "",
  groups: [],
  start: "09:00",
  end: "18:00",
  lateAfter: 10,
  earlyBefore: 0,
  weekdays: [1, 2, 3, 4, 5],
  inWindow: ["05:00", "14:00"],
  outWindow: ["12:00", "05:00"],
  breaks: [],
  openDays: "stay",
  night: null,
};

/** @param validFrom the first day that is offered */
export function draftOf(of: Schedule | null, validFrom: string): Draft {
  const { name, groups, start, end, lateAfter, earlyBefore, weekdays, inWindow, outWindow, breaks, openDays, night } =
    of ?? usual;
  return {
    name: signal(name),
    groups: signal(groups.join(", ")),
    start: signal(start),
    end: signal(end),
    lateAfter: signal(`${lateAfter}`),
    earlyBefore: signal(`${earlyBefore}`),
    weekdays: signal<readonly number[]>(weekdays),
    inFrom: signal(inWindow[0] ?? ""),
    inTo: signal(inWindow[1] ?? ""),
    outFrom: signal(outWindow[0] ?? ""),
    outTo: signal(outWindow[1] ?? ""),
    breaks: signal<readonly TypedBreak[]>(
      breaks.map((one) =>
        "from" in one
          ? { is: "at", texts: [one.from, one.to] }
          : { is: "long", texts: [`${one.minutes}`, `${one.after}`] },
      ),
    ),
    nightFrom: signal(night?.from ?? ""),
    nightTo: signal(night?.to ?? ""),
    endsOpen: signal(openDays === "end"),
    validFrom: signal(validFrom),
  };
}

/** A text that is the same for the same content. */
export const textOf = (draft: Draft): string => JSON.stringify(Object.values(draft).map(({ value }) => value));

const isMinutes = (text: string) => /^\d{1,3}$/.test(text) && Number(text) <= 720;

/** A break of a request; null if its texts are none. */
function breakOf({ is, texts: [first, last] }: TypedBreak): NonNullable<Wish["breaks"]>[number] | null {
  if (is === "at") return clockForm.test(first) && clockForm.test(last) ? { from: first, to: last } : null;
  const isWhole = isMinutes(first) && Number(first) > 0 && /^\d{1,4}$/.test(last) && Number(last) <= 2160;
  return isWhole ? { minutes: Number(first), after: Number(last) } : null;
}

/** The night of a draft; null for none, undefined if its texts are none. */
function nightOf({ nightFrom: { value: from }, nightTo: { value: to } }: Draft): Wish["night"] {
  if (from === "" && to === "") return null;
  return clockForm.test(from) && clockForm.test(to) ? { from, to } : undefined;
}

/** The request of a draft; null while something is missing. */
export function wishOf(draft: Draft, site: string): Wish | null {
  const name = draft.name.value.trim();
  const groups = [...new Set(draft.groups.value.split(/[,，、]/).map((group) => group.trim()))].filter(
    (one) => one !== "",
  );
  const { start, end, inFrom, inTo, outFrom, outTo, lateAfter, earlyBefore, weekdays, validFrom } = draft;
  const clocks = [start, end, inFrom, inTo, outFrom, outTo].map(({ value }) => value);
  const breaks = draft.breaks.value.map(breakOf);
  const night = nightOf(draft);
  const isWhole =
    name !== "" &&
    groups.length > 0 &&
    clocks.every((text) => clockForm.test(text)) &&
    [lateAfter.value, earlyBefore.value].every(isMinutes) &&
    weekdays.value.length > 0 &&
    !breaks.includes(null) &&
    night !== undefined &&
    isDay(validFrom.value);
  if (!isWhole) return null;
  return {
    site,
    name,
    groups,
    start: start.value,
    end: end.value,
    lateAfter: Number(lateAfter.value),
    earlyBefore: Number(earlyBefore.value),
    weekdays: weekdays.value.toSorted((a, b) => a - b),
    inWindow: [inFrom.value, inTo.value],
    outWindow: [outFrom.value, outTo.value],
    night,
    openDays: draft.endsOpen.value ? "end" : "stay",
    breaks: breaks.filter((one) => one !== null),
    validFrom: validFrom.value,
  };
}

/** The id of a new schedule. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `sch_${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

const dayMinutes = 24 * 60;

function minutesOf(text: string): number {
  const [hours = "", minutes = ""] = text.split(":");
  return Number(hours) * 60 + Number(minutes);
}

/** Minutes from 0:00 of the day of a shift, as the server counts them: over 1,440 on the day after. */
export interface Span {
  start: number;
  end: number;
  in: readonly [from: number, to: number];
  out: readonly [from: number, to: number];
}

/** The minutes of a break that has a time, as the ones of its shift. */
export function breakSpan({ from, to }: { from: string; to: string }, start: number): [begins: number, ends: number] {
  const begins = minutesOf(from) < start ? minutesOf(from) + dayMinutes : minutesOf(from);
  return [begins, begins + ((minutesOf(to) - minutesOf(from) + dayMinutes) % dayMinutes)];
}

export function spanOf({
  start,
  end,
  inWindow,
  outWindow,
}: Pick<Wish, "start" | "end" | "inWindow" | "outWindow">): Span {
  const startAt = minutesOf(start);
  const endAt = minutesOf(end) <= startAt ? minutesOf(end) + dayMinutes : minutesOf(end);
  const [inFrom = 0, inTo = 0, outFrom = 0, outTo = 0] = [...inWindow, ...outWindow].map((text) =>
    minutesOf(`${text}`),
  );
  const inAt = inFrom > startAt ? inFrom - dayMinutes : inFrom;
  const outEnd = endAt + ((((outTo - endAt) % dayMinutes) + dayMinutes) % dayMinutes);
  const lengthOf = (from: number, to: number) => (to > from ? to - from : to - from + dayMinutes);
  return {
    start: startAt,
    end: endAt,
    in: [inAt, inAt + lengthOf(inFrom, inTo)],
    out: [outEnd - lengthOf(outFrom, outTo), outEnd],
  };
}
