import type { Operations } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { dayMs } from "../format/durations.ts";
import { isoDay, shortDay } from "../format/time.ts";
import { FormDialog } from "../parts/dialog.tsx";
import { Choice, Field } from "../parts/field.tsx";
import { serverTime } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { listSites, siteNameOf } from "../state/sites.ts";
import { labels } from "../words/labels.ts";
import { settingsWords } from "../words/settings.ts";

type KeyWish = Operations["POST /v1/keys"]["body"];

export type MadeKey = Operations["POST /v1/keys"]["answer"];

const kinds = ["read", "people", "settle", "admin", "ingest"] as const;

/** What the form has, as it is typed and chosen. */
export interface KeyForm {
  note: string;
  kind: (typeof kinds)[number];
  /** Of an ingest key. */
  box: string;
  /** `everything`, `boxes`, or `site ID`. */
  sees: string;
  /** With commas between. */
  boxes: string;
  ends: "never" | "in90" | "day";
  /** `2026-11-20` */
  day: string;
}

/** The key that a form asks for, at a time (ms since 1970). A day is over at its last moment in this browser's zone. */
export function wishOf({ note, kind, box, sees, boxes, ends, day }: KeyForm, now: number): KeyWish {
  const names = boxes
    .split(/[,，、]/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const isLimited = kind === "read" || kind === "people";
  return {
    scope: kind === "people" ? "read" : kind,
    ...(kind === "people" ? { people: true as const } : {}),
    ...(kind === "ingest" ? { box: box.trim() } : {}),
    ...(note.trim() === "" ? {} : { note: note.trim() }),
    ...(isLimited && sees === "boxes" ? { boxes: names } : {}),
    ...(isLimited && sees.startsWith("site ") ? { site: sees.slice("site ".length) } : {}),
    ...(ends === "in90" ? { expiresAt: new Date(now + 90 * dayMs).toISOString() } : {}),
    ...(ends === "day" ? { expiresAt: new Date(`${day}T23:59:59`).toISOString() } : {}),
  };
}

const maxBoxLength = 64;
const maxNoteLength = 64;

/** Asks for whom a key is, what it may do and see, and when it ends. */
export function NewKey({ onMade, onClose }: { onMade(key: MadeKey): void; onClose(): void }) {
  const w = settingsWords.value;
  const { state } = useLoading("sites of keys", listSites);
  const sites = state.value.value ?? [];
  const form = {
    note: useSignal(""),
    kind: useSignal<KeyForm["kind"]>("read"),
    box: useSignal(""),
    sees: useSignal("everything"),
    boxes: useSignal(""),
    ends: useSignal<KeyForm["ends"]>("never"),
    day: useSignal(""),
  };
  const { note, kind, box, sees, boxes, ends, day } = form;
  const make = async () => {
    const typed = { note: note.value, kind: kind.value, box: box.value, sees: sees.value, boxes: boxes.value };
    const wish = wishOf({ ...typed, ends: ends.value, day: day.value }, serverTime());
    onMade(await gatepost().createKey(wish));
  };
  const isReading = kind.value === "read" || kind.value === "people";
  return (
    <FormDialog title={w.newKey} does={w.make} onSend={make} onClose={onClose}>
      <Field label={w.whom} member="note" of={note} maxLength={maxNoteLength} placeholder={w.whomHint} />
      <Choice
        label={w.may}
        chosen={kind.value}
        choices={kinds.map((name) => [name, w.mays[name]])}
        onChoose={(chosen) => (kind.value = chosen)}
      />
      {kind.value === "ingest" ? (
        <Field label={labels.value.box} member="box" of={box} look="mono" required maxLength={maxBoxLength} />
      ) : null}
      {isReading ? (
        <Choice
          label={w.seesKey}
          chosen={sees.value}
          choices={[
            ["everything", w.everything],
            ...sites.map(({ id, name }) => [`site ${id}`, w.theSite(siteNameOf({ id, name }))] as const),
            ["boxes", w.theseBoxes],
          ]}
          onChoose={(chosen) => (sees.value = chosen)}
        />
      ) : null}
      {isReading && sees.value === "boxes" ? (
        <>
          <Field label={w.boxNames} member="boxes" of={boxes} look="mono" required />
          <p class="meta">{w.settlesToo}</p>
        </>
      ) : null}
      <Choice
        label={w.endsHead}
        chosen={ends.value}
        choices={[
          ["never", w.endsNever],
          ["in90", w.inDays(shortDay(serverTime() + 90 * dayMs))],
          ["day", w.onDay],
        ]}
        onChoose={(chosen) => (ends.value = chosen)}
      />
      {ends.value === "day" ? (
        <Field label={w.day} member="expiresAt" of={day} type="date" required min={isoDay(serverTime())} />
      ) : null}
      <p class="meta">{w.forPeople}</p>
    </FormDialog>
  );
}
