import type { Box } from "@gatepost/client";
import { minuteMs } from "../format/durations.ts";
import { boxNameOf, deviceNameOf } from "../format/event.ts";
import { clockTime, duration, near } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { State } from "../parts/mark.tsx";
import { addressOf } from "../state/address.ts";
import { aboutBox, deviceTone } from "../state/boxes/about.ts";
import { now } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { sayUndoable } from "../state/notice.ts";
import { isAdmin } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { boxWords } from "../words/boxes.ts";
import { words } from "../words/index.ts";
import { Quads } from "./light.tsx";
import { SerialNote } from "./serial-note.tsx";

const height = 48;
const step = 5;
const halfHour = 30 * minuteMs;

/** Reports of the last day in narrow bars, over a usual day in wide ones; since when it is silent. */
export function Spark({ box }: { box: Box }) {
  const w = boxWords.value;
  const { time } = words.value;
  const { rhythm } = box;
  if (rhythm === null) return null;
  const { counts, usual, from } = rhythm;
  const highest = Math.max(1, ...counts, ...usual);
  const bar = (value: number) => (Math.max(0, value) / highest) * (height - 2);
  const width = Math.max(counts.length, usual.length) * step - 1;
  const cut =
    box.state === "silent" && box.lastSeen !== null ? (Date.parse(box.lastSeen) - Date.parse(from)) / halfHour : null;
  return (
    <>
      <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={w.spark}>
        {cut === null ? null : (
          <rect class="gap" x={cut * step} width={Math.max(0, width - cut * step)} height={height} />
        )}
        <path class="usual" d={usual.map((value, at) => barAt(at * step, 4, bar(value))).join("")} />
        <path class="is" d={counts.map((value, at) => barAt(at * step + 1, 2, bar(value))).join("")} />
        {cut === null ? null : <path class="cut" d={`M${(cut * step).toFixed(1)} 0v${height}`} />}
      </svg>
      <div class="axis meta">
        <span>{near(from, now.peek())}</span>
        <span>{w.sparkAxis}</span>
        <span>{time.now}</span>
      </div>
    </>
  );
}

/** One bar as a part of a path: hundreds of boxes have a hundred bars each. */
function barAt(x: number, width: number, high: number): string {
  return high === 0 ? "" : `M${x} ${height}v${(-high).toFixed(1)}h${width}v${high.toFixed(1)}z`;
}

/** One box: a silent one is wide and says what to look at. */
export function BoxCard({ box, others, onChanged }: Shown & { onChanged(): void }) {
  return box.state === "silent" && !box.silence.isExpected ? (
    <Silent box={box} others={others} onChanged={onChanged} />
  ) : (
    <Well box={box} others={others} />
  );
}

/** A box, and the other boxes with its serial. */
interface Shown {
  box: Box;
  others: readonly string[];
}

function Silent({ box, others, onChanged }: Shown & { onChanged(): void }) {
  const w = boxWords.value;
  const { open } = words.value;
  const { id, since, silence } = box;
  const called = boxNameOf(box);
  const setExpected = (isExpected: boolean) =>
    attempt(async () => {
      await gatepost().ask("PATCH /v1/boxes/{id}", { path: { id }, body: { silence: { isExpected } } });
      onChanged();
      if (isExpected) sayUndoable(`${called}: ${w.expected}`, () => setExpected(false));
    });
  return (
    <article class="panel box silent" aria-label={called}>
      <div class="stack">
        <div>
          <h2>
            <bdi title={id}>{called}</bdi>
            <State tone="bad">
              {since === null ? w.states.silent : w.silentFor(duration(now.value - Date.parse(since)))}
            </State>
          </h2>
          <bdi class="meta">{[called === id ? null : id, aboutBox(box)].filter(Boolean).join(" · ")}</bdi>
        </div>
        {silence.usualMs === null || silence.afterMs === null || box.lastSeen === null ? null : (
          <p>{w.usual(duration(silence.usualMs), duration(silence.afterMs), clockTime(box.lastSeen))}</p>
        )}
        <p class="quiet">{w.look}</p>
        <SerialNote box={box} others={others} />
        <span class="line">
          {isAdmin.value ? <Button onClick={() => void setExpected(true)}>{w.expect}</Button> : null}
          <a class="btn bare" href={addressOf("box", id)}>
            {open}
          </a>
        </span>
      </div>
      <div>
        <Spark box={box} />
      </div>
    </article>
  );
}

/** A silent box is listed here only if that is expected. */
const looks = {
  new: { tone: "wait", mark: "half" },
  reports: { tone: "ok", mark: "ok" },
  silent: { tone: "", mark: "bar" },
} as const;

function Well({ box, others }: Shown) {
  const w = boxWords.value;
  const { id, state, silence } = box;
  const called = boxNameOf(box);
  const word = silence.isExpected ? w.expected : w.states[state];
  return (
    <article class="panel box" aria-label={called}>
      <div>
        <div class="top">
          <h2>
            <a href={addressOf("box", id)}>
              <bdi title={id}>{called}</bdi>
            </a>
          </h2>
          <State {...looks[silence.isExpected ? "silent" : state]}>{word}</State>
        </div>
        <bdi class="meta">{[called === id ? null : id, aboutBox(box)].filter(Boolean).join(" · ")}</bdi>
      </div>
      <div>
        <Spark box={box} />
      </div>
      <Quads box={box} />
      <Devices box={box} />
      <TooLarge box={box} />
      <SerialNote box={box} others={others} />
    </article>
  );
}

const maxDevices = 6;

function Devices({ box: { devices } }: { box: Box }) {
  if (devices.length === 0) return null;
  return (
    <div class="devs">
      {devices.slice(0, maxDevices).map(({ id, name, label, ip, direction, ...health }) => (
        <State key={id} {...deviceTone(health)}>
          <bdi>
            {[deviceNameOf({ name, label }) ?? ip ?? id, direction === null ? null : words.value.directions[direction]]
              .filter(Boolean)
              .join(", ")}
          </bdi>
        </State>
      ))}
      {devices.length > maxDevices ? <span>{words.value.live.more(devices.length - maxDevices)}</span> : null}
    </div>
  );
}

/** What to turn off in a box whose reports are over the limit. */
export function TooLarge({ box: { refused } }: { box: Box }) {
  const count = refused?.[413] ?? 0;
  if (count === 0) return null;
  const setting = refused?.turnOff ?? null;
  return (
    <div class="note warn">
      <Icon name="problems" />
      <p>
        {boxWords.value.refused(count)} {setting === null ? null : <code class="mono">{setting}</code>}
      </p>
    </div>
  );
}
