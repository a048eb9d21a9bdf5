import type { Box, BoxArrivals, Event } from "@gatepost/client";
import type { ComponentChildren } from "preact";
import { nameOf } from "../format/event.ts";
import { shortMs, size } from "../format/number.ts";
import { ago, clockTime, duration } from "../format/time.ts";
import { Portrait } from "../parts/faces.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { Ago } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { skewText, wrongClockMs } from "../state/boxes/about.ts";
import { now } from "../state/clock.ts";
import { recent } from "../state/live/arrivals.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { boxWords } from "../words/boxes.ts";
import { words } from "../words/index.ts";
import { newBoxWords } from "../words/new-box.ts";
import { reasonOf } from "../words/reasons.ts";

/** When it reported last, how its clock is, how late its reports are, and how many have flags. */
export function Quads({ box }: { box: Box }) {
  const w = boxWords.value;
  const { locale } = words.value;
  const skew = box.clock?.skewMs ?? null;
  const lag = box.kinds.map(({ lagMs }) => lagMs).find((ms) => ms !== null) ?? null;
  const rate = box.flagged?.rate ?? null;
  const percent = rate === null ? "–" : rate.toLocaleString(locale, { style: "percent", maximumFractionDigits: 1 });
  return (
    <dl class="quads">
      <Quad name={w.lastReport}>{box.lastSeen === null ? w.never : <Ago at={box.lastSeen} />}</Quad>
      <Quad name={w.clock} tone={skew !== null && Math.abs(skew) > wrongClockMs ? "bad" : ""}>
        {skew === null ? "–" : skewText(skew)}
      </Quad>
      <Quad name={w.delay}>{lag === null ? "–" : shortMs(lag)}</Quad>
      <Quad name={w.flagged} tone={rate !== null && rate > 0.5 ? "wait" : ""}>
        {percent}
      </Quad>
    </dl>
  );
}

export function Quad({ name, tone = "", children }: { name: string; tone?: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={tone}>{children}</dd>
    </div>
  );
}

const everyMs = 2000;
/** By so much the clock of the server may be behind what this page takes it for. */
const fewMs = 2000;

type Arrival = BoxArrivals["arrivals"][number];

/** Waiting, amber (a problem with the received event), green (with the face). */
export function Light({ box, since }: { box: string; since: number }) {
  const w = newBoxWords.value;
  const { state } = useLoading(
    `arrivals ${box}`,
    (signal) =>
      gatepost().ask("GET /v1/boxes/{id}/arrivals", {
        path: { id: box },
        query: { after: new Date(since - fewMs).toISOString() },
        signal,
      }),
    { every: everyMs },
  );
  // The feed of changes reports an event at once, even if the server cannot list the other reports.
  const event = recent.value.find((one) => one.box.id === box && Date.parse(one.receivedAt) >= since - fewMs);
  const { value, failure } = state.value;
  const wrong = value?.arrivals.find(({ outcome }) => outcome === "quarantined" || outcome === "refused");
  return (
    <div class="stack lamps" role="status">
      {event !== undefined ? (
        <Green event={event} arrivals={value?.arrivals ?? []} />
      ) : wrong !== undefined ? (
        <Amber arrival={wrong} box={box} />
      ) : (
        <Lamp icon="hours" title={w.waitingTitle}>
          {failure !== null ? w.blind : w.waitingWhy(duration(now.value - since))} <WrongKey arrivals={value} />
        </Lamp>
      )}
    </div>
  );
}

interface LampProps {
  tone?: "amber" | "green";
  icon: IconName;
  title: string;
  face?: ComponentChildren;
  link?: ComponentChildren;
  children: ComponentChildren;
}

function Lamp({ tone, icon, title, face, link, children }: LampProps) {
  return (
    <div class={`lamp ${tone ?? ""}`}>
      <span class="light">
        <Icon name={icon} />
      </span>
      {face ?? <span />}
      <div>
        <b>
          <bdi>{title}</bdi>
        </b>
        <br />
        <span class="quiet">{children}</span>
      </div>
      {link}
    </div>
  );
}

function Amber({ arrival, box }: { arrival: Arrival; box: string }) {
  const w = newBoxWords.value;
  const { at, path, bytes, outcome, reason = "", status = 0, quarantine } = arrival;
  if (outcome === "refused") {
    return (
      <Lamp tone="amber" icon="problems" title={w.refusedTitle}>
        <bdi>{w.refusedWhy(clockTime(at), path, status)}</bdi> {status === 413 ? w.tooLarge : null}
      </Lamp>
    );
  }
  const [, what, todo] = reasonOf(reason);
  const link = (
    <a class="btn" href={addressOf("problems", null, { reason: [reason], box: [box] })}>
      {w.lookAt}
    </a>
  );
  return (
    <Lamp tone="amber" icon="problems" title={w.badTitle} link={quarantine === undefined ? null : link}>
      <bdi>{w.badWhy(clockTime(at), path, size(bytes ?? 0), what)}</bdi> {todo}
    </Lamp>
  );
}

function Green({ event, arrivals }: { event: Event; arrivals: readonly Arrival[] }) {
  const boxes = boxWords.value;
  const w = newBoxWords.value;
  const kinds = new Set([...arrivals.map(({ kind }) => kind ?? ""), ...event.reports.map(({ kind }) => kind)]);
  const named = [...kinds].filter((kind) => kind !== "").map((kind) => boxes.kindNames[kind] ?? kind);
  const link = (
    <a class="btn main" href={addressOf("box", event.box.id)}>
      {w.toBox}
    </a>
  );
  return (
    <Lamp
      tone="green"
      icon="check"
      title={w.goodTitle(nameOf(event), ago(event.receivedAt, now.value))}
      face={<Portrait of={event} />}
      link={link}
    >
      {w.goodWhy(named.join(", "))}
    </Lamp>
  );
}

function WrongKey({ arrivals }: { arrivals: BoxArrivals | null }) {
  const [tried] = arrivals?.wrongKeys ?? [];
  return tried === undefined ? null : <bdi>{newBoxWords.value.wrongKey(tried.from, clockTime(tried.at))}</bdi>;
}
