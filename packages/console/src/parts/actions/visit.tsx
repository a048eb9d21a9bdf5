import type { Operations } from "@gatepost/client";
import { type Signal, useSignal } from "@preact/signals";
import { isoDay } from "../../format/time.ts";
import { actionWords } from "../../words/actions.ts";
import { Choice, Field } from "../field.tsx";

type Approval = NonNullable<Operations["POST /v1/actions/{id}/approval"]["body"]>;
type Until = "today" | "tomorrow" | "week" | "day" | "always";

/** What a user chooses of a visit. */
export interface ChosenVisit {
  until: Signal<Until>;
  /** Another day, as `2026-11-28`. */
  day: Signal<string>;
  host: Signal<string>;
}

/** Days from today to the last day of a visit. */
const daysTo = { today: 0, tomorrow: 1, week: 7 };

/** Characters of the name of a host. */
const maxHost = 64;

/** A visit to the end of today, until the user chooses otherwise. */
export function useVisit(): ChosenVisit {
  return { until: useSignal<Until>("today"), day: useSignal(""), host: useSignal("") };
}

/** Whether the end is known: another day must be given. */
export const isVisitReady = ({ until, day }: ChosenVisit) => until.value !== "day" || day.value !== "";

/** The visit as an approval names it. A visit ends at 23:59 of its last day, in the zone of this browser. */
export function visitIn({ until, day, host }: ChosenVisit): Pick<Approval, "validUntil" | "host"> {
  const end = until.value === "always" ? null : endOf(until.value, day.value).toISOString();
  const name = host.value.trim();
  return { ...(end === null ? {} : { validUntil: end }), ...(name === "" ? {} : { host: name }) };
}

function endOf(until: Exclude<Until, "always">, day: string): Date {
  if (until === "day") return new Date(`${day}T23:59`);
  const end = new Date();
  end.setDate(end.getDate() + daysTo[until]);
  end.setHours(23, 59, 0, 0);
  return end;
}

/** The end of a visit, and whom it is to. */
export function Visit({ of: { until, day, host } }: { of: ChosenVisit }) {
  const w = actionWords.value;
  const choices = (["today", "tomorrow", "week", "day", "always"] as const).map((one) => [one, w.untils[one]] as const);
  return (
    <>
      <div class="gap">
        <Choice
          label={w.validUntil}
          chosen={until.value}
          choices={choices}
          onChoose={(chosen) => (until.value = chosen)}
        />
        {until.value === "day" ? (
          <Field label={w.lastDay} of={day} type="date" required min={isoDay(Date.now())} />
        ) : null}
        <p class="meta">{w.visitorsOnly}</p>
      </div>
      <Field label={w.host} of={host} maxLength={maxHost} />
    </>
  );
}
