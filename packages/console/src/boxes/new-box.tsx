import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { isZone, ownZone } from "../format/time-zones.ts";
import { Button, CopyLine } from "../parts/button.tsx";
import { Head } from "../parts/head.tsx";
import { State } from "../parts/mark.tsx";
import { QrCode } from "../parts/pages/qr-code.tsx";
import { serverTime } from "../state/clock.ts";
import { failureOf, failureText } from "../state/failure.ts";
import { homeForOthers } from "../state/home.ts";
import { useOnce } from "../state/loading.ts";
import { isAdmin } from "../state/role.ts";
import { aboutMe } from "../state/session.ts";
import { words } from "../words/index.ts";
import { newBoxWords } from "../words/new-box.ts";
import { Light } from "./light.tsx";
import { type Made, type Make, MakeFields, makeBox, Terminal } from "./new-terminal.tsx";

/** Name and make → addresses → the light. */
export function NewBoxPage() {
  const { pages } = words.value;
  const w = newBoxWords.value;
  const made = useSignal<Made | null>(null);
  return (
    <>
      <Head title={pages["new-box"]} />
      <ol class="steps">
        <Step number={1} title={w.name} isDone={made.value !== null}>
          {made.value === null ? <Name onMade={(one) => (made.value = one)} /> : <Named box={made.value.box} />}
        </Step>
        <Step number={2} title={w.give} isDone={false}>
          {made.value === null ? null : made.value.make === "sophongate" ? (
            <Addresses token={made.value.token} />
          ) : (
            <Terminal make={made.value.make} token={made.value.token} />
          )}
        </Step>
        <Step number={3} title={w.pass} isDone={false}>
          {made.value === null ? null : <Light box={made.value.box} since={made.value.at} />}
        </Step>
      </ol>
    </>
  );
}

function Step({
  number,
  title,
  isDone,
  children,
}: {
  number: number;
  title: string;
  isDone: boolean;
  children: ComponentChildren;
}) {
  return (
    <li class="step">
      <span class={isDone ? "n done" : "n"} aria-hidden="true">
        {number}
      </span>
      <div>
        <h2>{title}</h2>
        {children}
      </div>
    </li>
  );
}

/** As the API takes it; `new` is the address of this page. */
const nameForm = /^[\p{L}\p{Nd}][\p{L}\p{Nd}._-]{0,63}$/u;

function Name({ onMade }: { onMade(made: Made): void }) {
  const w = newBoxWords.value;
  const name = useSignal("");
  const fault = useSignal<string | null>(null);
  const chosenMake = useSignal<Make>("sophongate");
  const serial = useSignal("");
  const zone = useSignal(ownZone());
  const make = useOnce(async () => {
    const box = name.value.trim();
    if (!nameForm.test(box) || box === "new") {
      fault.value = w.nameBad;
      return;
    }
    if (chosenMake.value !== "sophongate" && !isZone(zone.value.trim())) {
      fault.value = w.zoneBad;
      return;
    }
    try {
      // Its answer also says the server's time.
      await aboutMe();
      const at = serverTime();
      const wish = { box, make: chosenMake.value, serial: serial.value.trim(), zone: zone.value.trim() };
      onMade({ box, make: chosenMake.value, token: await makeBox(wish), at });
    } catch (error) {
      const failure = failureOf(error);
      fault.value = failure === null ? null : failureText(failure);
    }
  });
  if (!isAdmin.value) return <p class="quiet">{w.adminOnly}</p>;
  return (
    <form class="form" onSubmit={() => void make()}>
      <MakeFields of={chosenMake} serial={serial} zone={zone} />
      <label class="choice" for="name">
        {w.nameLabel}
      </label>
      <span class="line">
        <span class="name-field">
          <input
            class="field mono"
            id="name"
            required
            maxLength={64}
            autocomplete="off"
            placeholder={words.value.filters.placeholders.box}
            aria-describedby="name-hint"
            value={name.value}
            onInput={({ currentTarget }) => (name.value = currentTarget.value)}
          />
        </span>
        <Button look="main" type="submit">
          {w.make}
        </Button>
      </span>
      <p class="meta" id="name-hint">
        {w.nameHint}
      </p>
      {fault.value === null ? null : (
        <p class="note bad" role="alert">
          <bdi>{fault.value}</bdi>
        </p>
      )}
    </form>
  );
}

function Named({ box }: { box: string }) {
  return (
    <div class="line">
      <b class="mono">
        <bdi>{box}</bdi>
      </b>
      <State tone="ok">{newBoxWords.value.made}</State>
    </div>
  );
}

const routes = ["RealTimeEvent", "HistoryEvent", "PassRecord", "DeviceStatus"] as const;
/** The routes that few boxes ask for. The base, with none, takes every report. */
const otherRoutes = ["", "EventServer/api/HistoryEvent", "AsyncEvent", "LiveEvent"] as const;

function Addresses({ token }: { token: string }) {
  const w = newBoxWords.value;
  const isOpen = useSignal(false);
  const addressTo = (route: string) => `${homeForOthers()}${token}${route === "" ? "" : `/${route}`}`;
  const lines = (of: readonly string[]) =>
    of.map((route) => <Address key={route} label={w.addresses[route] ?? route} text={addressTo(route)} />);
  return (
    <>
      <div class="panel urls">
        <div class="body">{lines(routes)}</div>
        <details onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
          <summary>{w.otherAddresses}</summary>
          {isOpen.value ? <div class="body">{lines(otherRoutes)}</div> : null}
        </details>
      </div>
      {isLoopback(location.hostname) ? (
        <p class="note bad">
          <bdi>{w.unreachable}</bdi>
        </p>
      ) : null}
      <p class="quiet">{w.once}</p>
    </>
  );
}

/** One address: to be copied, or to be scanned. */
function Address({ label, text }: { label: string; text: string }) {
  const { qr } = newBoxWords.value;
  const isOpen = useSignal(false);
  return (
    <>
      <CopyLine label={label} text={text} />
      <details class="scan" onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
        <summary>{qr}</summary>
        {isOpen.value ? <QrCode text={text} label={`${qr}: ${label}`} /> : null}
      </details>
    </>
  );
}

/** Whether an address is reached only from this machine. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
