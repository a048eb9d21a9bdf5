import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newSetupCode } from "@gatepost/core/accounts";
import { hashToken, newToken } from "@gatepost/core/keys";
import { contactAddress } from "@gatepost/core/push";
import { zoneFault } from "@gatepost/core/zones";
import {
  checkRestored,
  DataDirLocked,
  frameAncestor,
  isLoopback,
  type MetricsAddress,
  openRuntime,
  type Runtime,
  type RuntimeOptions,
  type ShipStore,
  serve,
  serveMetrics,
  shipTo,
} from "@gatepost/embedded";
import { jsonLog, TrustedProxies } from "@gatepost/http";
import { omitAbsent } from "@gatepost/protocol";
import { InvalidArgumentError } from "commander";

import { companyIn, type OidcOptions } from "../company/oidc.ts";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { completed } from "../hints.ts";
import { type First, firstKeysFile, firstKeysInWords, firstKeysOf, writeFirstKeys } from "../keys/first-file.ts";
import { port, type S3Place } from "../options.ts";
import { lanAddress, localAddress, urlOf } from "../urls.ts";
import { dataFailure, endFailure, makeDataFolder } from "./data-failure.ts";
import { checkDisk } from "./disk-kind.ts";
import { announce, findAnswering, retract } from "./running.ts";

/** The address of a listener, and its options. */
interface Place {
  host: string;
  port: number;
  hostOption: string;
  portOption: string;
  /** The options of ports beside that one. */
  portOptions?: ReadonlyMap<number | undefined, string>;
}

const refusals: Record<string, (place: Place) => string> = {
  EADDRINUSE: ({ portOption }) => `another program listens there; choose another with ${portOption}`,
  EACCES: ({ portOption }) => `this needs more rights; choose a port above 1023 with ${portOption}`,
  EADDRNOTAVAIL: ({ hostOption }) => `this machine does not have the address; choose another with ${hostOption}`,
  ENOTFOUND: ({ hostOption }) => `there is no such address; choose another with ${hostOption}`,
};

/** Waits until the server listens. Throws Failure with the remedy if it cannot. */
async function listening<Served>(begun: Promise<Served>, place: Place): Promise<Served> {
  try {
    return await begun;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const port = "port" in error ? Number(error.port) : place.port;
    const portOption = place.portOptions?.get(port) ?? place.portOption;
    const options = [...new Set([place.hostOption, portOption])].join(" or ");
    const refuse = refusals[String(error.code)];
    const refusal = refuse?.({ ...place, portOption }) ?? `${sayWhy(error)}; choose another with ${options}`;
    throw new Failure(`cannot listen on ${urlOf(place.host, port)}: ${refusal}`, { cause: error });
  }
}

/** An address to listen on. An empty one, as of a variable that is not set, would be every address, and in no URL. */
export function host(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("It must be an address of this machine, as 127.0.0.1, or 0.0.0.0 for all of them.");
}

/** The address of the metrics: a host and a port, as 127.0.0.1:9529 or [::1]:9529. */
export function metricsAddress(text: string): { host: string; port: number } {
  const [, host = "", digits = ""] = /^(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === "") throw new InvalidArgumentError("It must be HOST:PORT, as 127.0.0.1:9529.");
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: port(digits) };
}

/** A time zone, as `Asia/Shanghai`. */
export function zone(text: string): string {
  const fault = zoneFault(text);
  if (fault === null) return text;
  throw new InvalidArgumentError(`${fault.replace(/^must/, "It must")}.`);
}

/** An e-mail address, with or without `mailto:`. */
export function contact(text: string): string {
  const address = contactAddress(text);
  if (address !== null) return address;
  throw new InvalidArgumentError("It must be an e-mail address that can exist, as mailto:it@example.com.");
}

/** Another address or network, as 10.0.0.0/8, behind those before. */
export function addresses(text: string, before: readonly string[] = []): string[] {
  try {
    new TrustedProxies([text]);
  } catch {
    throw new InvalidArgumentError("It must be an address as 10.0.0.1, or a network as 10.0.0.0/8.");
  }
  return [...before, text];
}

/** The origin of pages that may frame the screen. */
export function frameAncestors(text: string, before: readonly string[] = []): string[] {
  const origin = frameAncestor(text);
  if (origin !== null) return [...before, origin];
  throw new InvalidArgumentError("It must be as https://home.example, or http://192.168.1.10:8123 on the LAN.");
}

/**
 * Hands over the key of the first box and the first link. Resolves with the lines that the start prints, and with the
 * token of an admin key if it has handed over one.
 */
export type HandOver = (
  first: First,
  to: { base: string; data: string },
) => Promise<{ lines: string[]; admin: string | null }>;

/** Prints them, for a terminal. */
export const printKeys: HandOver = async (first, { base, data }) => {
  const hints = [
    "The key in these addresses is not shown again; `gatepost keys create --scope ingest --box NAME` makes more.",
    "`gatepost sign-in` prints another link.",
  ];
  const words = firstKeysInWords(firstKeysOf(first, { base, admin: "" }));
  return { lines: [...words, ...hints.map((hint) => completed(hint, { data }))], admin: null };
};

/**
 * Writes them into a file, with an admin key for programs, if stdout goes to a log or another program: these must not
 * contain keys.
 */
export const writeKeys: HandOver = async (first, { base, data }) => {
  const admin = newToken("admin");
  await writeFirstKeys(data, firstKeysOf(first, { base, admin })).catch((error: unknown) => {
    throw dataFailure(error, data);
  });
  const lines = [
    `The first keys are in ${firstKeysFile(data)}: the URLs of the first box, and the link to sign in.`,
    completed("`gatepost keys first` shows them, `gatepost keys first --forget` removes that file.", { data }),
  ];
  return { lines, admin };
};

const firstBox = "box-1";

/** Makes the first keys on the first start, and hands them over. Later it does nothing. */
async function welcome(runtime: Runtime, base: string, handOver: HandOver): Promise<string[]> {
  const { keyAdmin, setupCodes, audit } = runtime.reads;
  if ((await keyAdmin.list()).length > 0) return [];
  // A disk without the reserved room refuses the first keys, and so the first start.
  await runtime.reserve.fill();
  const first = { box: firstBox, ingest: newToken("ingest"), code: newSetupCode() };
  // Handed over before they are stored: an interrupted start then leaves no valid key without an owner.
  const { lines, admin } = await handOver(first, { base, data: runtime.folder.path });
  await setupCodes.add(first.code);
  const made = await Promise.all([
    keyAdmin.create({ scope: "ingest", box: firstBox, tokenHash: hashToken(first.ingest) }),
    ...(admin === null ? [] : [keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) })]),
  ]);
  const by = { outcome: "done", by: "first-start", from: null } as const;
  await audit.note({ ...by, action: "setup-link-made", about: {} });
  for (const { id, scope } of made) {
    const about = { key: id, scope };
    await audit.note({ ...by, action: "key-made", about });
  }
  return lines;
}

export interface ServeOptions extends OidcOptions {
  data: string;
  port: number;
  host: string;
  maxBody: number;
  livePort?: number;
  devicesPort?: number;
  open?: true;
  networkDisk?: true;
  announceEvents?: true;
  allowPrivateTargets?: true;
  /** Under which address others reach it, without a slash at its end. */
  publicUrl?: string;
  /** The e-mail address by which push services can reach the operator. */
  contact?: string;
  trustProxy?: readonly string[];
  frameAncestors?: readonly string[];
  /** The time zone whose hours are the rhythm of boxes. */
  zone?: string;
  /** The bucket that new pictures and changes are shipped to. */
  ship?: S3Place;
  /** The address of the metrics, which need no key. */
  metrics?: MetricsAddress;
  /** PEM files of the certificate that it speaks TLS with, and of its key: both or none. */
  tlsCert?: string;
  tlsKey?: string;
}

export interface RunningServer {
  /** What a person needs to know; the last line is that it listens. */
  lines: string[];
  /** The address of the server for this machine. */
  url: string;
  /** A key of scope admin that lives as long as this server. */
  token: string;
  /** Takes no new requests, finishes those in flight, and leaves the folder. */
  stop(): Promise<void>;
}

/** Bytes of the largest report, by default. */
export const usualMaxBody = 64 * 1024 * 1024;

/** ms to wait for a command that works on the folder to be done, or for a server that is ending. */
const timeoutMs = 10_000;
/** ms between two tries to get at the folder. */
const pauseMs = 100;

/** Opens the data folder and serves it. */
export async function start(asked: ServeOptions, handOver: HandOver, log = jsonLog()): Promise<RunningServer> {
  const { data, maxBody, open, announceEvents, allowPrivateTargets, zone, metrics, ship } = asked;
  const options = serveOptionsOf(asked);
  const scheme = options.certificate === undefined ? "http" : "https";
  await using opened = new AsyncDisposableStack();
  makeDataFolder(resolve(data));
  const warning = checkDisk(resolve(data), asked.networkDisk === true);
  const runtime = await openOrMake({
    data: resolve(data),
    maxBody,
    ...omitAbsent({ zone, publicUrl: options.publicUrl, contact: asked.contact }),
    ...(ship && { follow: shipTo(await bucketAt(ship)) }),
    settings: { openBox: open === true ? "open" : null, announceEvents: announceEvents === true },
    bus: { allowPrivateTargets: allowPrivateTargets === true },
    company: companyIn(asked),
    log,
  });
  opened.defer(() => runtime.close());
  refuseClockBehind(runtime);
  if (warning !== null) runtime.ingest.log.warn(warning);
  if (open === true)
    runtime.ingest.log.warn("open: any sender that reaches this port can deliver events without a key");
  await retract(data);
  opened.defer(() => retract(data));
  let endUpkeep = async () => {};
  opened.defer(() => endUpkeep());
  const served = await listening(serve(runtime, options), {
    host: options.host,
    hostOption: "--host",
    port: options.port,
    portOption: "--port",
    portOptions: new Map([
      [asked.livePort, "--live-port"],
      [asked.devicesPort, "--devices-port"],
    ]),
  });
  opened.defer(() => served.close());
  if (metrics !== undefined) {
    const beside = await listenForMetrics(runtime, metrics);
    opened.defer(() => beside.close());
  }
  const publicUrl = options.publicUrl ?? urlOf(lanAddress(options.host), served.port, scheme);
  runtime.reachedAt(publicUrl);
  const welcomed = await welcome(runtime, publicUrl, handOver).catch((error: unknown) => {
    throw dataFailure(error, runtime.folder.path);
  });
  // After the first keys are stored: on a full disk, each periodic work would log its own failure.
  endUpkeep = runtime.upkeep();
  const isForThisMachine = options.publicUrl === undefined && isLoopback(options.host);
  const lines = [
    ...welcomed,
    ...(welcomed.length > 0 && isForThisMachine
      ? [`No box can reach ${publicUrl}: give the address that boxes use with --public-url, or leave --host out.`]
      : []),
    ...(served.hasPage
      ? []
      : ["The console is not built: `npm run prepare` makes it, with the development dependencies."]),
    `listening on ${urlOf(options.host, served.port, scheme)}`,
  ];
  // Announced only now, so that commands that find the server see its first keys.
  const { localPort, port } = served;
  const url = localPort === null ? urlOf(localAddress(options.host), port) : urlOf("127.0.0.1", localPort);
  const token = runtime.adminToken;
  await runtime.reserve
    .run(() => announce(data, { url, token, publicUrl }))
    .catch((error: unknown) => {
      throw dataFailure(error, runtime.folder.path);
    });
  runtime.ingest.log.info("data folder", { path: runtime.folder.path });
  warnOfFirstKeys(runtime);
  warnOfPasskeys(runtime);
  const running = opened.move();
  return { lines, url, token, stop: () => leave(runtime, running) };
}

/** Ends all that runs on a data folder. Throws Failure if the folder could not be left in order. */
async function leave({ ingest, folder }: Runtime, running: AsyncDisposableStack): Promise<void> {
  try {
    await running.disposeAsync();
  } catch (cause) {
    ingest.log.error("the data folder could not be left in order", { path: folder.path, cause });
    throw endFailure(cause, folder.path);
  }
}

function serveOptionsOf({ tlsCert: cert, tlsKey: key, livePort, devicesPort, ...asked }: ServeOptions) {
  const { host, port, publicUrl, trustProxy, frameAncestors } = asked;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, other] = cert === undefined ? ["--tls-key", "--tls-cert"] : ["--tls-cert", "--tls-key"];
    throw new WrongUsage(`${given} needs ${other}: give both, or none and serve without TLS`);
  }
  const alsoOn = [livePort, devicesPort].filter((one) => one !== undefined);
  const certificate = cert === undefined || key === undefined ? null : { cert: resolve(cert), key: resolve(key) };
  return { host, port, alsoOn, ...omitAbsent({ publicUrl, trustProxy, frameAncestors, certificate }) };
}

/** The AWS SDK is loaded only when it is needed, because it is slow to load. */
async function bucketAt(place: S3Place): Promise<ShipStore> {
  const { S3ShipStore } = await import("../backup/s3.ts");
  return new S3ShipStore(place);
}

async function listenForMetrics({ ingest, reads }: Runtime, address: MetricsAddress) {
  if (!isLoopback(address.host))
    ingest.log.warn("metrics: any client that reaches this port can read them", { ...address });
  const serving = await listening(
    serveMetrics(address, () => reads.metrics.text()),
    { ...address, hostOption: "--metrics", portOption: "--metrics" },
  );
  ingest.log.info("metrics", { host: address.host, port: serving.port });
  return serving;
}

/** Waits if another process uses the folder, unless that is a server: it will not leave. */
async function openOrMake(options: RuntimeOptions): Promise<Runtime> {
  for (const deadline = performance.now() + timeoutMs; ; await sleep(pauseMs)) {
    try {
      checkRestored(options.data);
      return await openRuntime(options);
    } catch (error) {
      const isOver = !(error instanceof DataDirLocked) || performance.now() > deadline;
      if (isOver || (await findAnswering(options.data)) !== null) throw dataFailure(error, options.data);
    }
  }
}

/** Throws Failure if the clock is behind: new reports would expire as soon as the clock is right. */
function refuseClockBehind({ storeClock }: Runtime): void {
  const doubt = storeClock.doubt();
  if (doubt?.is !== "behind") return;
  const [now, noted] = [storeClock.machine(), doubt.noted].map((time) => new Date(time).toISOString());
  throw new Failure(
    `this machine's clock says ${now}, and said ${noted} when this store was served last: set the clock, or run \`gatepost doctor --trust-clock\` if it is right`,
  );
}

/** Warns that the passkeys of some people are of another address. */
function warnOfPasskeys({ passkeysElsewhere, ingest }: Runtime): void {
  const people = passkeysElsewhere();
  if (people.length === 0) return;
  ingest.log.warn("people have passkeys of another host only: they sign in by a recovery code, or after a reset", {
    people: people.length,
    todo: "set the earlier --public-url, or `gatepost accounts factors reset EMAIL` for each",
  });
}

function warnOfFirstKeys({ folder, ingest }: Runtime): void {
  const file = firstKeysFile(folder.path);
  if (!existsSync(file)) return;
  const advice = completed("remove them with `gatepost keys first --forget`", { data: folder.path });
  ingest.log.warn(`first keys lie in the data folder: ${advice}`, { file });
}
