import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, client } from "@gatepost/client";
import { openRuntime, type Runtime, serve } from "@gatepost/embedded";
import { hashToken, newToken } from "@gatepost/ingest";
import { Album, type BoxKind, Fleet, type FleetBox, systemClock } from "@gatepost/simulator";

/** A server with boxes of the simulator, on a folder of its own. */
export interface Office {
  url: string;
  port: number;
  runtime: Runtime;
  /** Tokens of keys: of each scope one. */
  admin: string;
  read: string;
  /** The API, asked with the admin key. */
  api: Client;
  boxes: readonly FleetBox[];
  /** Makes the key of another box, at which nobody passes by themselves. */
  addBox(name: string): Promise<FleetBox>;
  /** ms since 1970, as the server has them. */
  now(): number;
  /** Lets the time pass until it is the real one, as a server that receives all the while. */
  toPresent(): Promise<void>;
  /** Lets people pass for some ms, at some a second, and waits until all is delivered. */
  pass(ms: number, perSecond: number): Promise<void>;
  /** Lets a stranger pass who is to be registered, and waits until that is delivered. */
  strangerPasses(): Promise<void>;
  /** Stops listening, as a server that is restarted; `listen` begins again at the same port. */
  unlisten(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface OfficeOptions {
  seed?: number;
  /** Of the pictures' width and height. */
  scale?: number;
  /** Faces that there are. */
  looks?: number;
  /** Hours before now in which it begins. */
  hoursAgo?: number;
  /** What rules.json holds at first. */
  rules?: readonly object[];
}

const kinds: readonly (readonly [name: string, kind: BoxKind])[] = [
  ["gate-1", "se3"],
  ["garage", "se3"],
  ["head-office", "platform-b"],
];

const log = { info() {}, warn() {}, error() {} };
const minute = 60_000;
/** A body over it is refused: small, so that a test need not send much. */
const maxBody = 4 * 1024 * 1024;

export async function openOffice(options: OfficeOptions = {}): Promise<Office> {
  const { seed = 4, scale = 0.5, looks = 24, hoursAgo = 0, rules = [] } = options;
  const data = await mkdtemp(join(tmpdir(), "gatepost-office-"));
  await writeFile(join(data, "rules.json"), JSON.stringify(rules), { mode: 0o600 });
  let behind = hoursAgo * 60 * minute;
  const now = () => Date.now() - behind;
  const runtime = await openRuntime({ data, log, clock: now, maxBody });
  const endUpkeep = runtime.upkeep();
  let served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  const { port } = served;
  const url = `http://127.0.0.1:${port}`;
  const [admin, read] = [await addKey(runtime, "admin"), await addKey(runtime, "read")];
  const boxAt = async (name: string, kind: BoxKind): Promise<FleetBox> => {
    return { name, kind, url: new URL(`${url}/${await addKey(runtime, "ingest", name)}`) };
  };
  const boxes: FleetBox[] = [];
  for (const [name, kind] of kinds) boxes.push(await boxAt(name, kind));
  const album = await Album.draw(seed, { looks, scale });
  const fleetAt = (rate: number, turn: number) =>
    Fleet.open({
      seed: seed + turn,
      boxes,
      rate,
      version: "V2R4",
      encoding: "json",
      inBatches: false,
      faults: {},
      watch() {},
      clock: systemClock,
      album,
    });
  let turns = 0;
  const run = async (rate: number, ms: number, begin: (fleet: Fleet) => void = () => {}) => {
    const fleet = await fleetAt(rate, turns++);
    const uploading = new AbortController();
    begin(fleet);
    const running = fleet.run({ passing: AbortSignal.timeout(ms), uploading: uploading.signal });
    await systemClock.sleep(ms, uploading.signal);
    while (fleet.waiting > 0) await systemClock.sleep(20, uploading.signal);
    uploading.abort();
    await running;
    await fleet.close();
  };
  return {
    url,
    port,
    runtime,
    admin,
    read,
    api: client({ url, token: admin }),
    boxes,
    addBox: (name) => boxAt(name, "se3"),
    now,
    async toPresent() {
      // It notes that it receives; where the notes are over three minutes apart, it did not, and no box was silent.
      for (; behind > 0; behind = Math.max(0, behind - 2 * minute)) await runtime.boxes.look();
      await runtime.boxes.look();
    },
    pass: (ms, perSecond) => run(perSecond, ms),
    strangerPasses: () => run(0, 50, (fleet) => fleet.stranger()),
    unlisten: () => served.close(),
    async listen() {
      served = await serve(runtime, { host: "127.0.0.1", port });
    },
    async close() {
      await served.close();
      await endUpkeep();
      await runtime.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Makes a key and gives its token. */
async function addKey(
  runtime: Runtime,
  scope: "admin" | "read" | "ingest",
  box: string | null = null,
): Promise<string> {
  const token = newToken(scope);
  await runtime.reads.keyAdmin.create({ scope, box, tokenHash: hashToken(token) });
  return token;
}
