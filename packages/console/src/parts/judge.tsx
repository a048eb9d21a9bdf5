import type { Event } from "@gatepost/client";
import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { standsOut } from "../format/event.ts";
import { clockTime } from "../format/time.ts";
import { now } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { acknowledge, type Reason, see } from "../state/live/acknowledging.ts";
import { lastSeen, standAgain } from "../state/live/standing.ts";
import { groupOf } from "../state/live/standing-rows.ts";
import { isManager, mayJudge } from "../state/role.ts";
import { gatepost, me } from "../state/session.ts";
import { entryOf, words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { AddNote } from "./notes.tsx";
import { chooseByKey, noteField, Reasons } from "./reasons.tsx";
import { Rings, Silence } from "./ringing-mark.tsx";

type Said = NonNullable<Event["acknowledgement"]>;

/** ms for which a guard may take back an acknowledgement. */
const ownMs = 10_000;

/**
 * What a user said about a person who stands out, or the question.
 *
 * @param onChanged asks for the event again
 * @param onNoted asks for its notes again
 */
export function Judge({ event, onChanged, onNoted }: { event: Event; onChanged(): void; onNoted(): void }) {
  // It outlives the question: a colleague may answer while this user writes.
  const note = useSignal("");
  if (!standsOut(event)) return null;
  const { acknowledgement = null } = event;
  if (acknowledgement !== null) {
    const written = note.value.trim() === acknowledgement.note ? "" : note.value;
    const noted = () => {
      note.value = "";
      onNoted();
    };
    return <Answer event={event} said={acknowledgement} written={written} onChanged={onChanged} onNoted={noted} />;
  }
  // It is on its way to the server.
  if (lastSeen.value.includes(event.id)) return null;
  return <Question event={event} note={note} />;
}

function Question({ event, note }: { event: Event; note: Signal<string> }) {
  const { live: w } = words.value;
  const form = useRef<HTMLFormElement>(null);
  const reason = useSignal<Reason | null>(null);
  const group = groupOf(event);
  const isAlarm = group.kind === "blacklist";
  const count = group.events.length;
  const submit = () => {
    if (!mayJudge.peek()) see(group.events);
    else if (reason.value === null && isAlarm) form.current?.querySelector("input")?.focus();
    else acknowledge(group.events, { reason: reason.value, note: note.value.trim() || null });
  };
  return (
    <form
      ref={form}
      class={isAlarm ? "judge panel blacklist" : "judge panel stranger"}
      aria-labelledby="judge"
      onSubmit={submit}
      onKeyDown={(pressed) => chooseByKey(pressed, reason)}
    >
      <div class="gap">
        <span class="line">
          <h2 id="judge">{isAlarm ? w.notAcknowledged : w.notSeen}</h2>
          <Rings of={event} />
          <Silence of={event} />
        </span>
        {mayJudge.value ? (
          <>
            <Reasons chosen={reason} />
            <input type="text" class="field" aria-label={w.note} {...noteField(note)} />
          </>
        ) : null}
      </div>
      <Button look="main end" icon="check" type="submit" data-key="x" aria-keyshortcuts="x">
        {!mayJudge.value ? w.seen : count === 1 ? w.acknowledge : w.acknowledgeAll(count)} <kbd>X</kbd>
      </Button>
    </form>
  );
}

/** The given reason in words; without one, that it was seen. */
export function judgementText(reason: string | null): string {
  const { live: w } = words.value;
  return reason === null ? w.seen : (entryOf<string>(w.reasons, reason) ?? reason);
}

interface AnswerProps {
  event: Event;
  said: Said;
  /** The note that the user had written for another answer. */
  written: string;
  onChanged(): void;
  onNoted(): void;
}

function Answer({ event, said, written, onChanged, onNoted }: AnswerProps) {
  const { live: w } = words.value;
  const { id, reason, note, by, at } = said;
  const isOwn = by.account === (me.value?.account?.id ?? null) && now.value - Date.parse(at) < ownMs;
  const takeBack = async () => {
    const taken = await attempt(() => gatepost().ask("DELETE /v1/acknowledgements/{id}", { path: { id } }));
    if (taken !== null) standAgain([event]);
    onChanged();
  };
  return (
    <section class="judge panel" aria-labelledby="judge">
      <div class="gap">
        <h2 id="judge">
          <bdi>{[judgementText(reason), by.name, clockTime(at)].filter(Boolean).join(", ")}</bdi>
        </h2>
        {note === null ? null : <bdi>{note}</bdi>}
      </div>
      <AddNote event={event} written={written} onAdded={onNoted} />
      {isManager.value || isOwn ? <Button onClick={() => void takeBack()}>{w.takeBack}</Button> : null}
    </section>
  );
}
