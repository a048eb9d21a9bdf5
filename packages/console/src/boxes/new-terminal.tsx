import type { Signal } from "@preact/signals";
import { CopyLine } from "../parts/button.tsx";
import { Choice, Field } from "../parts/field.tsx";
import { serverAddress } from "../state/home.ts";
import { gatepost } from "../state/session.ts";
import { newBoxWords } from "../words/new-box.ts";

const makes = ["sophongate", "hikvision", "dahua", "uniview", "zkteco"] as const;
export type Make = (typeof makes)[number];
type TerminalMake = Exclude<Make, "sophongate">;

/** A box with its new key. */
export interface Made {
  box: string;
  make: Make;
  token: string;
  /** ms since 1970, by the server's clock. */
  at: number;
}

interface Wish {
  box: string;
  make: Make;
  /** Of a terminal of ZKTeco; "" for any other. */
  serial: string;
  /** Of a terminal's times without one. */
  zone: string;
}

/** Makes a box with its key, and returns the key. Throws as the client does. */
export async function makeBox({ box, make, serial, zone }: Wish): Promise<string> {
  const serials = make === "zkteco" ? { serials: [serial] } : {};
  const { token } = await gatepost().createKey({ scope: "ingest", box, ...serials });
  // The box is known by its key. A zone that is refused can be set again on its page.
  if (make !== "sophongate") await gatepost().ask("PATCH /v1/boxes/{id}", { path: { id: box }, body: { zone } });
  return token;
}

interface MakeFieldsProps {
  of: Signal<Make>;
  serial: Signal<string>;
  zone: Signal<string>;
}

/** The make of a box, and the facts that a terminal of it needs. */
export function MakeFields({ of, serial, zone }: MakeFieldsProps) {
  const w = newBoxWords.value;
  return (
    <>
      <Choice
        label={w.of}
        chosen={of.value}
        choices={makes.map((make) => [make, w.makes[make]] as const)}
        onChoose={(make) => (of.value = make)}
      />
      {of.value === "zkteco" ? (
        <Field label={w.serial} member="serials" of={serial} look="mono" required maxLength={32} />
      ) : null}
      {of.value === "sophongate" ? null : (
        <Field label={w.zone} member="zone" of={zone} look="mono" required maxLength={64} />
      )}
    </>
  );
}

/** The part of the address behind the key; null if the terminal takes no path. */
const paths: Record<TerminalMake, ((token: string) => string) | null> = {
  hikvision: (token) => `/${token}/HikEvent`,
  dahua: (token) => `/${token}/notification`,
  uniview: (token) => `/${token}`,
  zkteco: null,
};

/** The settings of a terminal of a make, and the steps to them. */
export function Terminal({ make, token }: { make: TerminalMake; token: string }) {
  const w = newBoxWords.value;
  const isSecure = location.protocol === "https:";
  const port = location.port || (isSecure ? "443" : "80");
  const path = paths[make];
  return (
    <div class="stack">
      <ol class="plain-list">
        {w.steps[make].map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <div class="panel">
        <div class="body">
          <CopyLine label={w.host} text={location.hostname} />
          <CopyLine label={w.port} text={port} />
          {path === null ? null : <CopyLine label={w.path} text={serverAddress(path(token))} />}
        </div>
      </div>
      {isSecure ? <p class="note warn">{w.secure}</p> : null}
      <p class="quiet">{path === null ? w.bySerial : w.onceInPath}</p>
    </div>
  );
}
