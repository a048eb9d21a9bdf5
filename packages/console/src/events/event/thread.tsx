import type { Event } from "@gatepost/client";
import type { ComponentChildren } from "preact";
import { deliveryWords } from "../../format/event.ts";
import { exactTime, near } from "../../format/time.ts";
import { Mark } from "../../parts/mark.tsx";
import type { Note } from "../../parts/notes.tsx";
import { now } from "../../state/clock.ts";
import { entryOf, words } from "../../words/index.ts";
import { Say } from "../../words/say.tsx";
import { SendAgain } from "./erase.tsx";
import { type Step, stepsOf } from "./steps.ts";
import type { EventActions } from "./why.tsx";

/** One thread of reports, requested actions, notified people and results. */
export function Thread({ event, told, notes }: { event: Event; told: EventActions; notes: readonly Note[] }) {
  return (
    <section class="panel" aria-labelledby="told">
      <header>
        <h2 id="told">{words.value.event.told}</h2>
      </header>
      <ol class="thread body">
        {stepsOf(event, told.actions, notes).map((step, at) => (
          <One key={at} step={step} onSent={told.reload} isToday={isSameDay(step.at, event.time)} />
        ))}
      </ol>
    </section>
  );
}

const isSameDay = (at: string | null, time: string) =>
  at !== null && new Date(at).toDateString() === new Date(time).toDateString();

function One({ step, isToday, onSent }: { step: Step; isToday: boolean; onSent(): void }) {
  const tone = step.tone === "done" ? "done" : step.tone === "fail" ? "fail" : "";
  return (
    <li class={tone}>
      {step.tone === "done" ? <Mark name="tick" /> : step.tone === "fail" ? <Mark name="bad" /> : <Ring />}
      <span>{sentenceOf(step)}</span>
      {step.at === null ? (
        <span />
      ) : (
        <time dateTime={step.at}>{isToday ? exactTime(step.at) : near(step.at, now.value)}</time>
      )}
      <More step={step} />
      {step.is === "delivery" ? (
        <span>
          <SendAgain delivery={step.delivery} onSent={onSent} />
        </span>
      ) : null}
    </li>
  );
}

function Ring() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="5" />
    </svg>
  );
}

function sentenceOf(step: Step): ComponentChildren {
  const { event: w } = words.value;
  if (step.is === "report") {
    return (
      <Say text={step.isFirst ? w.arrived : w.joined} values={{ report: <Say text={w.reports[step.report.kind]} /> }} />
    );
  }
  if (step.is === "asked") return <Say text={w.asks[step.wantAction]} />;
  if (step.is === "note") return words.value.live.note;
  if (step.is === "seen") return step.reason === null ? words.value.live.seen : reasonOf(step.reason);
  if (step.is === "state")
    return <Say text={step.decision === null ? w.steps[step.state] : w.decisions[step.decision]} />;
  const text = step.delivery.state === "delivered" ? w.toldTo : step.tone === "fail" ? w.refusedBy : w.waitsFor;
  return <Say text={text} values={{ rule: <bdi>{step.delivery.rule}</bdi> }} />;
}

const reasonOf = (reason: string) => entryOf<string>(words.value.live.reasons, reason) ?? reason;

function More({ step }: { step: Step }) {
  const text = moreOf(step);
  return text === "" ? null : <bdi class="meta">{text}</bdi>;
}

function moreOf(step: Step): string {
  const { event: w, pictures, withheldPoor } = words.value;
  if (step.is === "report") {
    const brought = step.brought.map((kind) => pictures[kind].toLocaleLowerCase(words.value.locale));
    return [step.report.dialectName ?? step.report.dialect, brought.length === 0 ? null : w.brought(brought.join(", "))]
      .filter(Boolean)
      .join(" · ");
  }
  if (step.is === "asked") return step.wantAction;
  if (step.is === "delivery") return deliveryWords(step.delivery);
  if (step.is === "note") return [step.text, step.by].filter(Boolean).join(" · ");
  if (step.is === "seen") return [step.note, step.by].filter(Boolean).join(" · ");
  if (step.reason === null) return step.by ?? "";
  const said = step.reason === "fiqa_result is false" ? withheldPoor : w.says(step.reason);
  return [said, step.by].filter(Boolean).join(" · ");
}
