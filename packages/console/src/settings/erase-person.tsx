import type { FoundPeople, FoundPerson, Job, JobResult } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { count } from "../format/number.ts";
import { clockTime, near, shortDay } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Check, Field } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { JobProgress } from "../parts/job-progress.tsx";
import { now } from "../state/clock.ts";
import { forgetEvents } from "../state/erased.ts";
import { attempt, inLanguageOrAsIs } from "../state/failure.ts";
import { maxIdLength } from "../state/filter.ts";
import { jobOf, runJob } from "../state/jobs.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";

type Erased = JobResult<"erased">;

/** The result of an erasure, line by line, as a receipt. */
function Receipt({ result, at, onAgain }: { result: Erased; at: string; onAgain(): void }) {
  const w = settingsWords.value;
  const url = `data:application/json,${encodeURIComponent(JSON.stringify(result, null, 2))}`;
  return (
    <>
      <div class="note ok" role="status">
        <Icon name="check" />
        <div>
          <h3>{w.erased(at)}</h3>
          <table class="receipt">
            <tbody>
              {linesOf(result).map(([what, number]) => (
                <tr key={what}>
                  <td>{what}</td>
                  <td class="num">
                    <b>{number}</b>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <span class="line">
        <a class="btn" href={url} download="gatepost-receipt.json">
          <Icon name="download" />
          {w.downloadReceipt}
        </a>
        <Button look="bare" onClick={onAgain}>
          {w.another}
        </Button>
      </span>
    </>
  );
}

function linesOf({
  erased,
  kept,
  unknown,
  agesOut,
  suppressed,
  removals,
  records,
  keptOutUntil,
}: Erased): [what: string, number: string][] {
  const { receipt: w } = settingsWords.value;
  const lines: [string, string][] = [
    [w.events, count(erased.events)],
    [w.pictures, count(erased.pictures)],
    [w.quarantine, count(erased.quarantine)],
    [w.outbox, count(erased.outbox)],
  ];
  if (kept.pictures > 0) lines.push([w.kept(kept.pictures), ""]);
  lines.push([w.unknown(unknown.goneBy === null ? "–" : shortDay(unknown.goneBy)), count(unknown.quarantine)]);
  for (const { what, goneBy } of agesOut) {
    lines.push([goneBy === null ? w.agesOutSometime(what) : w.agesOut(what, shortDay(goneBy)), ""]);
  }
  if (removals.asked > 0) lines.push([w.fromBoxes, count(removals.asked)]);
  for (const line of linesOfRecords(records)) lines.push([line, ""]);
  if (suppressed) lines.push([w.late(near(keptOutUntil, now.value)), w.refused]);
  return lines;
}

/** The lists, corrections, last days and closed months that name a person, a line for each kind. */
function linesOfRecords(records: Erased["records"]): string[] {
  const { records: w } = settingsWords.value;
  return [...Map.groupBy(records, ({ what }) => what)].map(([what, of]) =>
    w[what](of.map(({ id, site }) => (site === null ? id : `${id} (${site})`)).join(", ")),
  );
}

type Found = FoundPeople;

const name = "erase";

/** Find, see the data that will be erased, type the id, and get a receipt. */
export function ErasePerson() {
  const w = settingsWords.value;
  const id = useSignal("");
  const found = useSignal<Found | null>(null);
  const job = jobOf(name);
  const step = job.value !== null ? 3 : found.value !== null ? 2 : 1;
  const begin = () => {
    [id.value, found.value, job.value] = ["", null, null];
  };
  const find = async () => {
    const asked = id.value;
    const answer = await attempt(() => findPerson(asked));
    // The shown data is of the person in the field, who will be erased: another id may have been typed meanwhile.
    if (asked === id.value && answer !== null) [id.value, found.value] = [answer.id, answer.found];
  };
  const erase = async (boxes: readonly string[], isFromBoxes: boolean) => {
    const fromBoxes = isFromBoxes ? { fromBoxes: true as const } : {};
    const wish = { kind: "erase", person: id.value, boxes: [...boxes], ...fromBoxes } as const;
    const ended = await attempt(() => runJob(name, wish));
    if (ended?.state === "done") forgetEvents(({ person, box }) => person.id === wish.person && boxes.includes(box.id));
  };
  return (
    <section class="panel" id="erase" aria-labelledby="erase-title">
      <header>
        <h2 id="erase-title">{w.sections.erase}</h2>
        <span class="meta end">{w.step(step)}</span>
      </header>
      <div class="body stack">
        {step === 1 ? <Find id={id} onFind={() => void find()} /> : null}
        {step === 2 && found.value !== null ? (
          <Confirm found={found.value} id={id.value} onErase={(...asked) => void erase(...asked)} onCancel={begin} />
        ) : null}
        {job.value === null ? null : <Erasing job={job.value} onAgain={begin} />}
      </div>
    </section>
  );
}

/** Finds the person with the id as it was typed, with its spaces; if there is none, without them. */
async function findPerson(typed: string): Promise<{ id: string; found: Found }> {
  const ask = async (id: string): Promise<Found> => {
    const answer = await gatepost().ask("GET /v1/people", { query: { id } });
    if ("isExact" in answer) return answer;
    throw new Error("the server sent a list of people in place of one person");
  };
  const found = await ask(typed);
  const bare = typed.trim();
  if (found.people.length > 0 || bare === typed || bare === "") return { id: typed, found };
  return { id: bare, found: await ask(bare) };
}

function Find({ id, onFind }: { id: { value: string }; onFind(): void }) {
  const { filters } = words.value;
  return (
    <form class="line" onSubmit={onFind}>
      <Field
        label={filters.person}
        of={id}
        look="mono"
        required
        maxLength={maxIdLength}
        placeholder={filters.placeholders.person}
      />
      <Button type="submit">{words.value.find}</Button>
    </form>
  );
}

interface ConfirmProps {
  found: Found;
  id: string;
  onErase(boxes: readonly string[], isFromBoxes: boolean): void;
  onCancel(): void;
}

/** The boxes with events of a person, and one for each record that no erasure at these would take. */
function boxesToErase(people: readonly FoundPerson[], records: Found["records"]): string[] {
  const boxes = people.map(({ box }) => box);
  for (const { boxes: of } of records) {
    const [first] = of;
    if (first !== undefined && !of.some((box) => boxes.includes(box))) boxes.push(first);
  }
  return boxes;
}

function Confirm({ found: { people, suppressedSince, records }, id, onErase, onCancel }: ConfirmProps) {
  const w = settingsWords.value;
  const { cancel } = words.value;
  const typed = useSignal("");
  const isFromBoxes = useSignal(false);
  const boxes = boxesToErase(people, records);
  return (
    <>
      {people.length === 0 ? <p>{w.nobody}</p> : null}
      {suppressedSince === null ? null : <p class="quiet">{w.suppressed(near(suppressedSince, now.value))}</p>}
      {people.map(({ box, names, events, pictures, quarantine }) => (
        <p key={box}>
          <b>
            <bdi>{names.join(", ")}</bdi>
          </b>{" "}
          <bdi class="quiet">{box}</bdi>
          <br />
          <span class="quiet">{w.holds(events, pictures, quarantine)}</span>
        </p>
      ))}
      {linesOfRecords(records).map((line) => (
        <p key={line} class="quiet">
          <bdi>{line}</bdi>
        </p>
      ))}
      <Check label={w.fromBoxes} isOn={isFromBoxes.value} onChange={(isOn) => (isFromBoxes.value = isOn)} />
      <Field label={<bdi class="as-is">{w.typeId(id)}</bdi>} of={typed} look="mono" />
      <span class="line">
        <Button
          look="risk"
          disabled={typed.value.trim() !== id.trim() || boxes.length === 0}
          onClick={() => onErase(boxes, isFromBoxes.value)}
        >
          {words.value.event.eraseDo}
        </Button>
        <Button onClick={onCancel}>{cancel}</Button>
      </span>
    </>
  );
}

function Erasing({ job, onAgain }: { job: Job; onAgain(): void }) {
  const w = settingsWords.value;
  return (
    <>
      <JobProgress job={job} label={w.erasing} />
      {job.state === "failed" || job.state === "stopped" ? (
        <>
          <p class="note bad" role="alert">
            {w.eraseFailed} <bdi>{job.reason === null ? null : inLanguageOrAsIs(job.reason)}</bdi>
          </p>
          <span class="line">
            <Button onClick={onAgain}>{w.beginAgain}</Button>
          </span>
        </>
      ) : null}
      {job.state === "done" && job.result !== null && "erased" in job.result ? (
        <Receipt result={job.result} at={clockTime(job.endedAt ?? Date.now())} onAgain={onAgain} />
      ) : null}
    </>
  );
}
