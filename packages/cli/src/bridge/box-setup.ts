import { BoxApi, BoxError, setUp } from "@gatepost/bridge";
import { eventually } from "@gatepost/core/check";
import { type Api, withApi } from "../client.ts";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { allKeys, createKey } from "../keys/created.ts";
import type { Reading } from "../options.ts";
import { print } from "../output.ts";

export interface SetUpOptions extends Reading {
  name: string;
  via?: string;
  /** Seconds. */
  wait: number;
}

/** The port of a box's own API. docs/formats.md §3. */
const boxPort = 5555;
const maxPort = 65_535;
/** ms between two looks at whether something has come about. */
const pauseMs = 500;

/** Sets a box up to report to a Gatepost, under its own key. */
export async function setUpBox(address: string, { name, via, wait, ...options }: SetUpOptions): Promise<void> {
  const base = via ?? options.url;
  if (base === undefined) throw new WrongUsage("give with --via the address under which the box reaches this Gatepost");
  checkBase(base);
  const box = boxAt(address);
  await withApi(options, async (api) => {
    const key = await createKey(api, { scope: "ingest", box: name });
    const firmware = await writeUrls(box, base, key.token).catch(async (error: unknown) => {
      // No one has the token of this key, so it would never be revoked.
      await api.ask("DELETE /v1/keys/{id}", { path: { id: key.id } });
      throw error;
    });
    const isHeard = await comesAbout(() => isUsed(api, key.id), wait);
    const done = { box: name, address, firmware, key: key.id, heard: isHeard };
    print(
      done,
      () => `${name} (${firmware}) posts to ${base} under ${key.id}.${isHeard ? " It has reported." : ""}`,
      options,
    );
    if (!isHeard) throw notHeard(wait, base);
  });
}

/** Whether the box has sent anything under its new key, also a status report. */
export async function isUsed(api: Api, id: string): Promise<boolean> {
  const { keys } = await allKeys(api);
  return keys.some((key) => key.id === id && key.lastUsedAt !== null);
}

/** Throws WrongUsage if boxes cannot post to an address. */
export function checkBase(base: string): void {
  if (!/^https?:\/\/[^/]/i.test(base) || !URL.canParse(base))
    throw new WrongUsage("--via must be as http://192.168.1.5:9528");
}

/** The API of the box at an address. Throws WrongUsage if it is not one. */
export function boxAt(address: string): BoxApi {
  const [, host, port = boxPort] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(address) ?? [];
  if (host === undefined || Number(port) > maxPort) throw new WrongUsage("give the address of the box as 192.168.1.80");
  return new BoxApi(host, Number(port));
}

/** Writes the URLs of a key into a box. Returns the firmware of the box. Throws Failure. */
export async function writeUrls(box: BoxApi, base: string, token: string): Promise<string> {
  const url = `${base.replace(/\/+$/, "")}/${token}`;
  const urls = { realtime: `${url}/RealTimeEvent`, history: `${url}/HistoryEvent`, status: `${url}/DeviceStatus` };
  try {
    return await setUp(box, urls, AbortSignal.timeout(60_000));
  } catch (error) {
    if (error instanceof BoxError) throw new Failure(`the box cannot be set up: ${sayWhy(error)}`, { cause: error });
    throw error;
  }
}

/** Whether a condition becomes true within so many seconds. */
export async function comesAbout(holds: () => Promise<boolean>, seconds: number): Promise<boolean> {
  const look = async () => ((await holds()) ? true : null);
  return (await eventually(look, { timeoutMs: seconds * 1000, pauseMs })) !== null;
}

export function notHeard(wait: number, base: string): Failure {
  return new Failure(`it has not reported within ${wait} s: can the box reach ${base}?`);
}
