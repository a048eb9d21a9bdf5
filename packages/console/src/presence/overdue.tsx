import { useSignal } from "@preact/signals";
import { count } from "../format/number.ts";
import { duration, isoDay, near, shortTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Kind, Which } from "../parts/mark.tsx";
import { EvidenceFace } from "../parts/people/evidence-face.tsx";
import { Table } from "../parts/table.tsx";
import { BoxText } from "../parts/text.tsx";
import { now, serverTime } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { say, sayUndoable } from "../state/notice.ts";
import { gateNameOf } from "../state/people/gates.ts";
import { whichOf } from "../state/people/namesakes.ts";
import {
  addressOfPerson,
  type Correction,
  calledOf,
  type Inside,
  sinceWords,
  stayOf,
} from "../state/people/presence.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { insideWords } from "../words/inside.ts";
import { ClockMark } from "./card.tsx";

interface OverdueProps {
  site: string;
  people: readonly Inside[];
  /** Names that several people have. */
  shared: ReadonlySet<string>;
  corrections: readonly Correction[];
  /** Whether the user may say that a person has left. */
  mayCorrect: boolean;
  onChanged(): void;
}

/** People who went in before today, and the corrections of the last day. */
export function Overdue({ site, people, shared, corrections, mayCorrect, onChanged }: OverdueProps) {
  const w = insideWords.value;
  const asked = useSignal<Inside | null>(null);
  if (people.length === 0 && corrections.length === 0) return null;
  const [faces, person, wentIn, insideFor, act = ""] = w.columns;
  return (
    <section class="panel overdue" aria-labelledby="overdue">
      <header>
        <h2 id="overdue">
          {w.overdue} <span class="quiet">{count(people.length)}</span>
        </h2>
        <span class="meta end">{w.overdueWhy}</span>
      </header>
      <Table label={w.overdue} heads={[faces, person, wentIn, insideFor].map((head) => head ?? "")} hidden={act}>
        {people.map((one) => (
          <Row
            key={stayOf(one)}
            of={one}
            which={whichOf(one, shared)}
            onLeft={mayCorrect ? () => (asked.value = one) : null}
          />
        ))}
        {corrections.map((one) => (
          <Corrected key={one.id} of={one} onTakeBack={mayCorrect ? onChanged : null} />
        ))}
      </Table>
      {asked.value === null ? null : (
        <HasLeft site={site} of={asked.value} onChanged={onChanged} onClose={() => (asked.value = null)} />
      )}
    </section>
  );
}

interface RowProps {
  of: Inside;
  which: string | null;
  onLeft: (() => void) | null;
}

function Row({ of, which, onLeft }: RowProps) {
  const w = insideWords.value;
  const { since, type, why, device } = of;
  return (
    <tr>
      <td class="f">
        <span class="faces">
          <EvidenceFace of={of} width={36} height={44} />
          <EvidenceFace of={of} kind="registered" width={36} height={44} />
        </span>
      </td>
      <td class="who">
        <b>
          <BoxText text={calledOf(of)} />
        </b>
        <Kind of={type} /> <Which of={which} />
      </td>
      <td class="two-lines">
        <b>
          <bdi>{w.inAt(sinceWords(since, now.value), gateNameOf(device))}</bdi> <ClockMark of={of} />
        </b>
        <span class="meta">{why === null ? null : w.why[why]}</span>
      </td>
      <td class="opt num">
        <b>{duration(now.value - Date.parse(since))}</b>
      </td>
      <td class="num">
        <span class="line nowrap">
          {onLeft === null ? null : (
            <Button look="small" aria-label={`${w.hasLeft} ${calledOf(of)}`} onClick={onLeft}>
              {w.hasLeft}
            </Button>
          )}
          <a class="btn small bare" href={addressOfPerson(of)} aria-label={`${words.value.open} ${calledOf(of)}`}>
            {words.value.open}
          </a>
        </span>
      </td>
    </tr>
  );
}

function Corrected({ of, onTakeBack }: { of: Correction; onTakeBack: (() => void) | null }) {
  const w = insideWords.value;
  const name = of.name ?? of.person;
  return (
    <tr class="corrected">
      <td class="f opt" />
      <td class="who">
        <BoxText text={name} />
      </td>
      <td class="two-lines">
        <b>
          <bdi>{w.corrected(sinceWords(of.leftAt, now.value), of.by.name)}</bdi>
        </b>
        <span class="meta">
          <bdi>{of.reason}</bdi>
        </span>
      </td>
      <td class="opt" />
      <td class="num">
        {onTakeBack === null ? null : (
          <Button
            look="small"
            aria-label={`${words.value.live.takeBack} ${name}`}
            onClick={() => void takeBack(of.id, name, onTakeBack)}
          >
            {words.value.live.takeBack}
          </Button>
        )}
      </td>
    </tr>
  );
}

interface HasLeftProps {
  site: string;
  of: Inside;
  onChanged(): void;
  onClose(): void;
}

/** Asks when a person has left, and why that was not seen. */
function HasLeft({ site, of, onChanged, onClose }: HasLeftProps) {
  const w = insideWords.value;
  const now = serverTime();
  const [day, time, reason] = [useSignal(isoDay(now)), useSignal(shortTime(now)), useSignal("")];
  const name = calledOf(of);
  const leftAt = new Date(`${day.value}T${time.value}`).getTime();
  const isTimed = leftAt >= Date.parse(of.since) && leftAt <= serverTime();
  const send = async () => {
    const { library, id } = of;
    const body = { site, library, id, leftAt: new Date(leftAt).toISOString(), reason: reason.value.trim() };
    const made = await gatepost().ask("POST /v1/presence/corrections", { body });
    onChanged();
    sayUndoable(w.noted(name, sinceWords(made.leftAt, serverTime())), () => takeBack(made.id, name, onChanged));
  };
  return (
    <FormDialog
      title={<bdi>{w.hasLeftTitle(name)}</bdi>}
      does={w.correct}
      isReady={isTimed && reason.value.trim().length >= 3}
      onSend={send}
      onClose={onClose}
    >
      <Field label={w.leftOn} member="leftAt" of={day} type="date" required />
      <Field label={w.leftAt} of={time} type="time" required />
      {isTimed ? null : (
        <p class="meta" role="status">
          {w.tooEarly(near(of.since, now))}
        </p>
      )}
      <Field label={`${w.reason} (${w.reasonHint})`} of={reason} required maxLength={200} />
    </FormDialog>
  );
}

/** Takes back that a person has left. */
async function takeBack(id: string, name: string, onChanged: () => void): Promise<void> {
  const taken = await attempt(() =>
    gatepost()
      .ask("DELETE /v1/presence/corrections/{id}", { path: { id } })
      .then(() => true),
  );
  if (taken === null) return;
  onChanged();
  say(insideWords.peek().takenBack(name));
}
