import type { Api, Box } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { minuteMs } from "../format/durations.ts";
import { boxNameOf } from "../format/event.ts";
import { size } from "../format/number.ts";
import { duration } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { State } from "../parts/mark.tsx";
import { usePaperSite } from "../parts/printing.ts";
import { addressOf } from "../state/address.ts";
import { aboutBox, wrongClockMs } from "../state/boxes/about.ts";
import { attempt } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { isAdmin } from "../state/role.ts";
import { address } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { defaultSite } from "../state/sites.ts";
import { boxWords } from "../words/boxes.ts";
import { entryOf, words } from "../words/index.ts";
import { Spark, TooLarge } from "./card.tsx";
import { Quad } from "./light.tsx";
import { Devices, Kinds } from "./seen.tsx";
import { SerialNote } from "./serial-note.tsx";
import { BoxZone } from "./zone.tsx";

const everyMs = 10_000;

/** One box: its rhythm, the kinds of report, its devices, itself. */
export function BoxPage() {
  const id = address.value.id ?? "";
  const loading = useLoading(`box ${id}`, (signal) => gatepost().ask("GET /v1/boxes/{id}", { path: { id }, signal }), {
    every: everyMs,
  });
  return (
    <>
      <Title id={id} box={loading.state.value.value} />
      <Loaded of={loading}>{(box) => <Whole box={box} onChanged={loading.set} />}</Loaded>
    </>
  );
}

function Title({ id, box }: { id: string; box: Box | null }) {
  const w = boxWords.value;
  return (
    <header class="title">
      <div class="gap">
        <h1>
          <bdi>{box === null ? id : boxNameOf(box)}</bdi>
        </h1>
        {box === null ? null : (
          <span class="line">
            <State tone={box.state === "silent" ? "bad" : box.state === "new" ? "wait" : "ok"}>
              {w.states[box.state]}
            </State>
            <bdi class="quiet">
              {[box.name === null ? null : id, aboutBox(box), box.about?.serial].filter(Boolean).join(" · ")}
            </bdi>
          </span>
        )}
      </div>
      <span class="end line">
        <a class="btn" href={addressOf("events", null, { box: [id] })}>
          <Icon name="events" />
          {w.events}
        </a>
      </span>
    </header>
  );
}

function Whole({ box, onChanged }: { box: Box; onChanged(box: Box): void }) {
  const w = boxWords.value;
  usePaperSite(box.site ?? defaultSite);
  return (
    <div class="stack">
      <ClockNote box={box} />
      <TooLarge box={box} />
      <SerialNote box={box} />
      <PathNote box={box} />
      <section class="panel" aria-labelledby="rhythm">
        <header>
          <h2 id="rhythm">{w.rhythm}</h2>
          <span class="meta end">
            {box.silence.afterMs === null ? w.byRhythm : w.calledSilent(duration(box.silence.afterMs))}
          </span>
          {isAdmin.value ? <Silence box={box} onChanged={onChanged} /> : null}
        </header>
        <div class="body tallspark">
          <Spark box={box} />
        </div>
      </section>
      <BoxZone box={box} onChanged={onChanged} />
      <div class="two">
        <Kinds box={box} />
        <Devices box={box} />
      </div>
      <Itself box={box} />
    </div>
  );
}

function ClockNote({ box: { clock } }: { box: Box }) {
  const w = boxWords.value;
  const skew = clock?.skewMs ?? 0;
  if (Math.abs(skew) < wrongClockMs) return null;
  return (
    <div class="note warn">
      <Icon name="hours" />
      <div>
        <h2>{skew > 0 ? w.clockAhead(duration(skew)) : w.clockBehind(duration(-skew))}</h2>
        <p>{w.clockTodo}</p>
      </div>
    </div>
  );
}

/** Says which addresses of the box are mixed up. */
function PathNote({ box: { unexpectedPaths = [] } }: { box: Box }) {
  const w = boxWords.value;
  if (unexpectedPaths.length === 0) return null;
  return (
    <div class="note warn">
      <Icon name="problems" />
      <div>
        {unexpectedPaths.map(({ type, dialect }) => (
          <p key={`${type} ${dialect}`}>
            <bdi>{w.unexpectedPath(entryOf(w.eventTypes, type) ?? type, dialect)}</bdi>
          </p>
        ))}
      </div>
    </div>
  );
}

function Itself({ box: { about } }: { box: Box }) {
  const w = boxWords.value;
  const { locale } = words.value;
  const { temperature, diskFreeBytes, memoryRate, firmware } = about ?? {};
  const isKnown = [temperature, diskFreeBytes, memoryRate, firmware].some((one) => one !== null && one !== undefined);
  return (
    <section class="panel" aria-labelledby="itself">
      <header>
        <h2 id="itself">{w.itself}</h2>
      </header>
      {isKnown ? (
        <dl class="quads body">
          <Quad name={w.temperature}>
            {temperature === null || temperature === undefined ? "–" : `${temperature} °C`}
          </Quad>
          <Quad name={w.disk}>{diskFreeBytes === null || diskFreeBytes === undefined ? "–" : size(diskFreeBytes)}</Quad>
          <Quad name={w.memory}>
            {memoryRate === null || memoryRate === undefined
              ? "–"
              : memoryRate.toLocaleString(locale, { style: "percent" })}
          </Quad>
          <Quad name={w.model}>{firmware === null || firmware === undefined ? "–" : w.versions(firmware)}</Quad>
        </dl>
      ) : (
        <p class="body quiet">{w.unknown}</p>
      )}
    </section>
  );
}

type Wish = Api["PATCH /v1/boxes/{id}"]["body"];

/** After how long a box is called silent, and whether its silence is expected. */
function Silence({ box, onChanged }: { box: Box; onChanged(box: Box): void }) {
  const w = boxWords.value;
  const isOpen = useSignal(false);
  const minutes = useSignal(String(Math.round((box.silence.afterMs ?? 30 * minuteMs) / minuteMs)));
  const close = () => {
    isOpen.value = false;
  };
  const change = async (body: Wish) =>
    onChanged(await gatepost().ask("PATCH /v1/boxes/{id}", { path: { id: box.id }, body }));
  const { isExpected } = box.silence;
  return (
    <>
      <Button look="small bare" onClick={() => (isOpen.value = true)}>
        {w.change}
      </Button>
      {isOpen.value ? (
        <FormDialog
          title={w.rhythm}
          onSend={() => change({ silence: { afterMs: Number(minutes.value) * minuteMs } })}
          onClose={close}
          others={
            <>
              <Button onClick={() => void attempt(() => change({ silence: { afterMs: null } })).then(close)}>
                {w.automatic}
              </Button>
              <Button onClick={() => void attempt(() => change({ silence: { isExpected: !isExpected } })).then(close)}>
                {isExpected ? w.notExpected : w.expect}
              </Button>
            </>
          }
        >
          <Field label={w.minutes} member="afterMs" of={minutes} type="number" min={1} max={100_000} required />
        </FormDialog>
      ) : null}
    </>
  );
}
