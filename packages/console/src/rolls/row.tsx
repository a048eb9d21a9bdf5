import { shortTime } from "../format/time.ts";
import { Icon } from "../parts/icon.tsx";
import { Kind, Which } from "../parts/mark.tsx";
import { EvidenceFace } from "../parts/people/evidence-face.tsx";
import { BoxText } from "../parts/text.tsx";
import { gateNameOf } from "../state/people/gates.ts";
import { sinceWords } from "../state/people/presence.ts";
import type { Book } from "../state/rolls/book.ts";
import type { Roll, Row } from "../state/rolls/ticks.ts";
import { rollWords } from "../words/roll.ts";

/** A person, with a target that a thumb hits. A ticked row stays in its place. */
export function RollRow({ of, book, which }: { of: Row; book: Book; which: string | null }) {
  const w = rollWords.value;
  const { key, name, person, isSafe } = of;
  const boxes = boxCountOf(person);
  return (
    <li class={isSafe ? "safe" : ""}>
      {person === null || book.source.isAlone ? (
        <span class="pic" />
      ) : (
        <EvidenceFace of={person} width={64} height={72} />
      )}
      <span>
        <b>
          <BoxText text={name} />
        </b>
        {person === null ? null : <Kind of={person.type} />}
        <Which of={boxes > 1 ? w.boxes(boxes) : which} />
        <span class="meta">
          <bdi>{metaOf(of, book)}</bdi>
        </span>
        {person === null || boxes < 2
          ? null
          : person.passings.map((passing) => (
              <bdi key={passing.library} class="meta">
                {inWords(passing, book)}
              </bdi>
            ))}
        {of.out === null ? null : (
          <span class="meta out">
            <bdi>{w.outAt(shortTime(of.out.at), book.source.isAlone ? "" : gateNameOf(of.out.device))}</bdi>
          </span>
        )}
      </span>
      <button
        type="button"
        class="hit"
        aria-pressed={isSafe}
        aria-label={w.safe(name)}
        onClick={() => book.tick(key, !isSafe)}
      >
        <Icon name="check" />
      </button>
    </li>
  );
}

function metaOf({ tick, person, isSafe }: Row, book: Book): string {
  const w = rollWords.value;
  if (tick !== null && isSafe) {
    const time = shortTime(tick.at);
    return book.isWaiting(tick.id) ? w.notSent(time) : w.safeAt(time, tick.by.name);
  }
  if (tick !== null) return w.missingAgain(shortTime(tick.at), tick.by.name);
  if (person === null) return w.added;
  // The passings of several boxes are below.
  return boxCountOf(person) > 1 ? "" : inWords(person, book);
}

/** How many boxes know the person. */
export const boxCountOf = (person: Row["person"]) => person?.passings.length ?? 0;

/** When and where a person went in. One who did before the day of the list may have left unseen. */
function inWords({ since, device }: Pick<Roll["people"][number], "since" | "device">, book: Book): string {
  const w = rollWords.value;
  const { isAlone } = book.source;
  const begun = new Date(book.roll.value.begunAt);
  const went = w.inAt(sinceWords(since, begun.getTime()), isAlone ? "" : gateNameOf(device));
  return new Date(since).getTime() < begun.setHours(0, 0, 0, 0) ? `${went} · ${w.perhapsLeft}` : went;
}
