import type { Operations } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { isoDay } from "../../format/time.ts";
import { useLoading } from "../../state/loading.ts";
import { gatepost } from "../../state/session.ts";
import { actionWords } from "../../words/actions.ts";
import { labels } from "../../words/labels.ts";
import { Choice, Field } from "../field.tsx";

type Approval = NonNullable<Operations["POST /v1/actions/{id}/approval"]["body"]>;
type Until = "today" | "tomorrow" | "week" | "day" | "always";

/** What a user chooses of a visit. */
export interface ChosenVisit {
  /** Null until the user has chosen. */
  until: { value: Until | null };
  /** Another day, as `2026-11-28`. */
  day: { value: string };
  /** When it begins, as `2026-11-28T14:00`; empty for at once. */
  from: { value: string };
  host: { value: string };
}

/** Days from today to the last day of a visit. */
const daysTo = { today: 0, tomorrow: 1, week: 7 };

/** Characters of the name of a host. */
const maxHost = 64;

/** A visit to the end of today, or without an end where no bridge could end it, until the user chooses otherwise. */
export function useVisit(): ChosenVisit {
  return { until: useSignal<Until | null>(null), day: useSignal(""), from: useSignal(""), host: useSignal("") };
}

/** Whether a bridge can end the visit at all boxes of an action; true until it is known. */
export function useHasBridge(boxes: readonly string[] | null): boolean {
  const { state } = useLoading("bridges", (signal) => gatepost().ask("GET /v1/bridges", { signal }));
  const bridged = state.value.value?.boxes;
  if (bridged === undefined) return true;
  // All boxes of a site, or of the server: some of them have one, and the server says which has none.
  return boxes === null ? bridged.length > 0 : boxes.every((box) => bridged.includes(box));
}

const untilIn = ({ until }: ChosenVisit, hasBridge: boolean): Until =>
  hasBridge ? (until.value ?? "today") : "always";

/** Whether the end is known: another day must be given. */
export const isVisitReady = (visit: ChosenVisit, hasBridge: boolean) =>
  untilIn(visit, hasBridge) !== "day" || visit.day.value !== "";

/**
 * The visit as an approval names it: with a begin only if it has an end. A visit ends at 23:59 of its last day, in the zone
 * of this browser.
 */
export function visitIn(visit: ChosenVisit, hasBridge: boolean): Pick<Approval, "validFrom" | "validUntil" | "host"> {
  const { day, from, host } = visit;
  const until = untilIn(visit, hasBridge);
  const end = until === "always" ? null : endOf(until, day.value).toISOString();
  const begin = end === null || from.value === "" ? null : new Date(from.value).toISOString();
  const name = host.value.trim();
  return {
    ...(begin === null ? {} : { validFrom: begin }),
    ...(end === null ? {} : { validUntil: end }),
    ...(name === "" ? {} : { host: name }),
  };
}

function endOf(until: Exclude<Until, "always">, day: string): Date {
  if (until === "day") return new Date(`${day}T23:59`);
  const end = new Date();
  end.setDate(end.getDate() + daysTo[until]);
  end.setHours(23, 59, 0, 0);
  return end;
}

const ends = ["today", "tomorrow", "week", "day", "always"] as const;

/** The begin and the end of a visit, and whom it is to. Without a bridge the person stays, which is said before. */
export function Visit({ of, hasBridge }: { of: ChosenVisit; hasBridge: boolean }) {
  const w = actionWords.value;
  const { day, from, host } = of;
  const until = untilIn(of, hasBridge);
  const choices = (hasBridge ? ends : ["always" as const]).map((one) => [one, w.untils[one]] as const);
  return (
    <>
      <div class="gap">
        <Choice
          label={labels.value.validUntil}
          member="validUntil"
          chosen={until}
          choices={choices}
          onChoose={(chosen) => (of.until.value = chosen)}
        />
        {until === "day" ? <Field label={w.lastDay} of={day} type="date" required min={isoDay(Date.now())} /> : null}
        <p class="meta">{hasBridge ? w.visitorsOnly : w.noBridge}</p>
      </div>
      {until === "always" ? null : (
        <div class="gap">
          <Field label={labels.value.validFrom} member="validFrom" of={from} type="datetime-local" />
          <p class="meta">{w.visitBegins}</p>
        </div>
      )}
      <Field label={labels.value.host} member="host" of={host} maxLength={maxHost} />
    </>
  );
}
