import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { isZone } from "../format/time-zones.ts";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { Head } from "../parts/head.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { Share } from "../parts/quarantine/share.tsx";
import { addressOf } from "../state/address.ts";
import { useLoading } from "../state/loading.ts";
import { unknownShape } from "../state/mappings/teachable.ts";
import { parameter } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { reasonOf } from "../words/reasons.ts";
import { teachWords } from "../words/teach.ts";
import { AsJson } from "./as-json.tsx";
import { type BegunTeaching, begin, subjectName, type TaughtSubject } from "./begin.ts";
import { DirectionQuestion } from "./direction-question.tsx";
import { needsZone, type Press, pressed, type TaughtDraft } from "./draft.ts";
import { SavingFoot, savingForm, savingText } from "./foot.tsx";
import { keepDraft } from "./kept-draft.ts";
import { MadeEvent } from "./made.tsx";
import { SeenValues } from "./seen.tsx";
import { SentReport } from "./sent.tsx";
import { countOthers, resultKind, useTrial } from "./trial.ts";
import { Tried } from "./tried.tsx";

/** How is this report read? An administrator points at its values, and sees the event that it becomes. */
export function TeachPage() {
  const [mapping, box, path] = [parameter("mapping"), parameter("box") ?? "", parameter("path") ?? ""];
  const reason = parameter("reason") ?? unknownShape;
  const subject = mapping === null ? { reason, box, path } : { mapping };
  return <Taught key={subjectName(subject)} subject={subject} />;
}

function Taught({ subject }: { subject: TaughtSubject }) {
  const w = teachWords.value;
  const title = words.value.pages.teach;
  const loading = useLoading(`teach ${subjectName(subject)}`, (signal) => begin(subject, signal));
  const begun = loading.state.value.value;
  if (begun?.draft != null && begun.records.length > 0)
    return <Teaching subject={subject} begun={begun} draft={begun.draft} />;
  return (
    <>
      <Head title={title} />
      <Loaded of={loading}>
        {({ draft, stored }) =>
          draft === null || stored === null ? (
            <Blank icon="check" title={w.goneTitle} why={w.goneWhy} />
          ) : (
            <AsJson draft={draft} stored={stored} />
          )
        }
      </Loaded>
    </>
  );
}

interface TeachingProps {
  subject: TaughtSubject;
  begun: BegunTeaching;
  draft: TaughtDraft;
}

function Teaching({ subject, begun, draft: first }: TeachingProps) {
  const { records, known } = begun;
  const draft = useSignal(first);
  const at = useSignal(0);
  const record = records[at.value] ?? records[0];
  const id = record?.id ?? "";
  const values = useLoading(`values of ${id}`, (signal) => readValues(id, signal));
  const shown = useTrial(draft.value, record === undefined ? [] : [record]);
  const all = useTrial(draft.value, records);
  const stored = useTrial(begun.before, records);
  const isSaved = useSignal(false);
  const isTurned = useRef(false);
  // It opens on a report that becomes an event: the newest one may be a heartbeat.
  const firstEvent = all.results.findIndex((result) => resultKind(result) === "event");
  useEffect(() => {
    if (firstEvent > 0 && !isTurned.current) at.value = firstEvent;
    if (firstEvent >= 0) isTurned.current = true;
  }, [firstEvent]);
  const press = (one: Press) => {
    // Another report may become an event by this: the user stays at this one.
    isTurned.current = true;
    draft.value = pressed(draft.value, one);
    if (!isSaved.value) keepDraft(subjectName(subject), draft.value);
  };
  const saved = () => {
    isSaved.value = true;
    keepDraft(subjectName(subject), null);
  };
  const show = (to: number) => {
    isTurned.current = true;
    at.value = Math.min(records.length - 1, Math.max(0, to));
  };
  // On a phone the event is below the values, and appears once its place is known.
  const isPlaced = useRef(false);
  const { value, failure } = values.state.value;
  isPlaced.current ||= value !== null || failure !== null;
  if (record === undefined) return null;
  return (
    <>
      <Head title={words.value.pages.teach} say={<Trail begun={begun} />}>
        <span class="end line">
          <Share id={id} />
        </span>
      </Head>
      <div class="teach">
        <div>
          <SentReport
            record={record}
            at={at.value}
            of={records.length}
            values={values}
            draft={draft.value}
            onPress={press}
            onTurn={(by) => show(at.value + by)}
          />
          <div class="phone see">
            <Button look="main" onClick={seeEvent}>
              {teachWords.value.see}
            </Button>
            {isSaved.value ? null : (
              <Button type="submit" form={savingForm}>
                {savingText(begun)}
              </Button>
            )}
          </div>
        </div>
        <div class="stack" hidden={!isPlaced.current}>
          <MadeEvent trial={shown}>
            {needsZone(draft.value) ? <TimeZone draft={draft.value} onPress={press} /> : null}
          </MadeEvent>
          <DirectionQuestion draft={draft.value} records={records} values={values} onPress={press} />
          <SeenValues draft={draft.value} records={records} onPress={press} />
          <section class="panel" aria-labelledby="tried">
            <Tried
              draft={draft.value}
              trial={all}
              known={known}
              others={countOthers(all.results, stored.results)}
              valuesOf={async (place) => (await readValues(records[place]?.id ?? "")).values}
              onPress={isSaved.value ? null : press}
              onShow={show}
            />
            <SavingFoot begun={begun} draft={draft.value} onPress={press} onSaved={saved} />
          </section>
        </div>
      </div>
    </>
  );
}

async function readValues(id: string, signal?: AbortSignal) {
  const asked = { path: { id }, ...(signal === undefined ? {} : { signal }) };
  return { id, ...(await gatepost().ask("GET /v1/quarantine/{id}/values", asked)) };
}

function seeEvent(): void {
  const made = document.getElementById("made");
  made?.scrollIntoView();
  made?.focus({ preventScroll: true });
}

/** The way back to the group, or to the list of the taught ones. */
function Trail({ begun: { group, stored, total, dropped } }: { begun: BegunTeaching }) {
  const w = teachWords.value;
  const { reason, box = "", path = "" } = group;
  if (stored !== null) {
    return (
      <>
        <a href={addressOf("settings", "taught")}>
          <u>{w.toTaught}</u>
        </a>{" "}
        › <bdi>{w.changes(stored.name)}</bdi>
      </>
    );
  }
  return (
    <>
      <a href={addressOf("problems", null, { reason: [reason], box: [box], path: [path] })}>
        <u>{words.value.pages.problems}</u>
      </a>{" "}
      › {reasonOf(reason)[0]} · <bdi>{w.group(box, total)}</bdi>
      {dropped === 0 ? null : <> · {words.value.problems.keptOf(total, total + dropped)}</>}
    </>
  );
}

interface TimeZoneProps {
  draft: TaughtDraft;
  onPress(press: Press): void;
}

/**
 * The zone of a time that has none, beside the moment that it would be. Empty: that of the box, its site or the server.
 * While it is typed, only a known zone is taken; once it is entered, the server says what is wrong with it.
 */
function TimeZone({ draft, onPress }: TimeZoneProps) {
  const w = teachWords.value;
  const typed = useSignal(draft.fields.time?.zone ?? "");
  const press = () => onPress({ press: "zone", zone: typed.value.trim() || null });
  return (
    <div class="body" onInput={() => isZone(typed.value.trim()) && press()} onChange={press}>
      <Field label={w.zone} of={typed} look="mono" maxLength={64} placeholder={w.zoneOfBox} />
    </div>
  );
}
