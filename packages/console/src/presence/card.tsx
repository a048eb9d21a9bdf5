import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { count } from "../format/number.ts";
import { Button } from "../parts/button.tsx";
import { Kind, State, Which } from "../parts/mark.tsx";
import { EvidenceFace } from "../parts/people/evidence-face.tsx";
import { isPrinting } from "../parts/printing.ts";
import { BoxText } from "../parts/text.tsx";
import { now } from "../state/clock.ts";
import { gateNameOf } from "../state/people/gates.ts";
import { whichOf } from "../state/people/namesakes.ts";
import { addressOfPerson, calledOf, type Inside, sinceWords, stayOf } from "../state/people/presence.ts";
import { insideWords } from "../words/inside.ts";

/** Cards that are drawn before more are asked for: each has a picture. */
const firstCards = 60;

interface GroupProps {
  name: string;
  /** How many there are, also of those that a search leaves out. */
  total: number;
  people: readonly Inside[];
  /** Names that several people have. */
  shared: ReadonlySet<string>;
  /** Beside the heading. */
  children?: ComponentChildren;
}

/** People of some kinds, each as a card. */
export function Group({ name, total, people, shared, children }: GroupProps) {
  const w = insideWords.value;
  const drawn = useSignal(firstCards);
  if (people.length === 0) return null;
  const shown = isPrinting.value ? people : people.slice(0, drawn.value);
  const left = people.length - shown.length;
  return (
    <section aria-label={name}>
      <h2 class="sub">
        {name} <span class="meta">{count(total)}</span>
        {children}
      </h2>
      <ol class="cards">
        {shown.map((one) => (
          <Card key={stayOf(one)} of={one} which={whichOf(one, shared)} />
        ))}
      </ol>
      {left > 0 ? (
        <p class="more">
          <Button onClick={() => (drawn.value += firstCards)}>{w.more(Math.min(left, firstCards))}</Button>
        </p>
      ) : null}
    </section>
  );
}

function Card({ of, which }: { of: Inside; which: string | null }) {
  const w = insideWords.value;
  return (
    <li class={`pcard ${of.type}`}>
      <EvidenceFace of={of} />
      <a href={addressOfPerson(of)}>
        <b>
          <BoxText text={calledOf(of)} />
        </b>
      </a>
      <span>
        <Kind of={of.type} /> <Which of={which} />
        {of.host === null && of.validUntil === null ? null : (
          <span class="meta">
            <bdi>{visitWords(of)}</bdi>
          </span>
        )}
      </span>
      <span class="meta">
        {w.since(sinceWords(of.since, now.value))} <ClockMark of={of} />
      </span>
      <BoxText class="meta" text={gateNameOf(of.device)} />
    </li>
  );
}

/** Whom a visitor visits, from when and until when. */
export function visitWords({
  host,
  validFrom = null,
  validUntil,
}: Pick<Inside, "host" | "validUntil"> & { validFrom?: string | null }): string {
  const w = insideWords.value;
  const time = (at: string) => sinceWords(at, now.value);
  return [host && w.visits(host), validFrom && w.from(time(validFrom)), validUntil && w.until(time(validUntil))]
    .filter((part) => part !== null)
    .join(" · ");
}

/** That the time of the passing in is the time of its receipt, because the clock of the box is wrong. */
export function ClockMark({ of: { flags } }: { of: Pick<Inside, "flags"> }) {
  if (!flags.includes("clock")) return null;
  return (
    <State tone="wait" label={insideWords.value.clock}>
      <span aria-hidden="true" title={insideWords.value.clock}>
        ⏲
      </span>
    </State>
  );
}
