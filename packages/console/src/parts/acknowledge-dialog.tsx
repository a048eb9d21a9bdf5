import type { Event } from "@gatepost/client";
import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { nameOf, placeOf } from "../format/event.ts";
import { clockTime } from "../format/time.ts";
import { acknowledge, type Reason, see } from "../state/live/acknowledging.ts";
import { hold, letGo } from "../state/live/hold.ts";
import type { Group } from "../state/live/standing-groups.ts";
import { rows } from "../state/live/standing-rows.ts";
import { me } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Portrait } from "./faces.tsx";
import { Kind } from "./mark.tsx";
import { Picture } from "./picture.tsx";
import { chooseByKey, noteField, Reasons } from "./reasons.tsx";
import { BoxText } from "./text.tsx";

/** The row about which a user is asked, and whether it was marked as seen before; null if none is. */
const askedAbout = signal<{ group: Group; wasSeen: boolean } | null>(null);

export function askWhy(group: Group): void {
  askedAbout.value = { group, wasSeen: false };
}

/** Asks about strangers who were marked as seen without a reason. If the user gives none, they are marked again. */
export function askWhyAfter(events: readonly Event[]): void {
  const [latest] = events;
  if (latest === undefined) return;
  askedAbout.value = { group: { key: `after ${latest.id}`, kind: "stranger", latest, events }, wasSeen: true };
}

/** The dialogue about a row, over any page. */
export function AskedAcknowledge() {
  const asked = askedAbout.value;
  return asked === null ? null : <AcknowledgeDialog key={asked.group.key} of={asked.group} wasSeen={asked.wasSeen} />;
}

/** Asks what a person was, and acknowledges exactly the passings that its button counts. */
function AcknowledgeDialog({ of, wasSeen }: { of: Group; wasSeen: boolean }) {
  const { live: w } = words.value;
  const taken = useSignal(of.events);
  const reason = useSignal<Reason | null>(null);
  const note = useSignal("");
  /** The numbers of the reasons are keys in it. */
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    hold("dialogue");
    return () => letGo("dialogue");
  }, []);
  const isSent = useRef(false);
  const close = () => {
    askedAbout.value = null;
    if (wasSeen && !isSent.current) see(of.events);
  };
  const now = rows.value.find(({ group }) => group.key === of.key)?.group.events ?? taken.value;
  const since = now.filter((event) => !taken.value.includes(event)).length;
  const isReady = reason.value !== null || of.kind === "stranger";
  const send = () => {
    if (!isReady) return;
    isSent.current = true;
    acknowledge(taken.value, { reason: reason.value, note: note.value.trim() || null });
    close();
  };
  const { latest } = of;
  const name = me.value?.account?.name ?? null;
  return (
    <Dialog
      title={wasSeen && of.events.length > 1 ? w.strangers(of.events.length) : <BoxText text={nameOf(latest)} />}
      look="acknowledge"
      first={form}
      onClose={close}
    >
      <form class="form" ref={form} onSubmit={send} onKeyDown={(event) => chooseByKey(event, reason)}>
        <div class="who">
          {latest.pictures.registered === undefined ? null : <Picture of={latest} kind="registered" class="pic" />}
          <Portrait of={latest} />
          <div class="gap">
            <Kind of={latest.person.type} />
            <span class="meta">
              <BoxText text={placeOf(latest)} /> · {clockTime(latest.time)}
            </span>
            {taken.value.length === 1 ? null : <b class="meta">{sinceText(taken.value)}</b>}
          </div>
        </div>
        <Reasons chosen={reason} />
        <label class="gap">
          <span>
            {w.note} <span class="meta">{w.optional}</span>
          </span>
          <textarea class="field" rows={3} {...noteField(note)} />
        </label>
        {since === 0 ? null : (
          <Button look="small" onClick={() => (taken.value = now)}>
            {w.includeSince(since)}
          </Button>
        )}
        <span class="line">
          <Button look="main" type="submit" disabled={!isReady}>
            {taken.value.length === 1 ? w.acknowledge : w.acknowledgeAll(taken.value.length)}
          </Button>
          <Button onClick={close}>{words.value.cancel}</Button>
        </span>
        <p class="meta">{name === null ? w.unsigned : w.signed(name)}</p>
      </form>
    </Dialog>
  );
}

function sinceText(events: Group["events"]): string {
  const first = events.reduce((a, b) => (a.timestamp < b.timestamp ? a : b));
  return words.value.live.passingsSince(events.length, clockTime(first.time));
}
