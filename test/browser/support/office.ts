import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, client } from "@gatepost/client";
import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime, type Runtime, serve } from "@gatepost/embedded";
import type { BoxKind, FleetBox } from "@gatepost/simulator";
import { type PassersBy, passersBy } from "./passers-by.ts";

/** A server with boxes of the simulator, in a new folder. */
export interface Office extends PassersBy {
  url: string;
  port: number;
  runtime: Runtime;
  /** Tokens of keys: of each scope one. */
  admin: string;
  read: string;
  /** The API, asked with the admin key. */
  api: Client;
  boxes: readonly FleetBox[];
  /** Makes the key of another box, at which no person passes by itself. */
  addBox(name: string): Promise<FleetBox>;
  /** ms since 1970, as the server has them. */
  now(): number;
  /** Lets the time pass, as a server that receives all the while, until it is the real one, or some hours before it. */
  toPresent(hoursAgo?: number): Promise<void>;
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
  /** The first content of rules.json. */
  rules?: readonly object[];
  /** Whether each passing is put on the bus. */
  announceEvents?: boolean;
  /** The provider by which people of a company sign in. */
  company?: { issuer: string; clientId: string; clientSecret: string } | null;
  /** Whether rules and notifications may be sent to this machine. */
  allowPrivateTargets?: boolean;
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
  const { hoursAgo = 0, rules = [], announceEvents = false, company = null, allowPrivateTargets = false } = options;
  const data = await mkdtemp(join(tmpdir(), "gatepost-office-"));
  await writeFile(join(data, "rules.json"), JSON.stringify(rules), { mode: 0o600 });
  let behind = hoursAgo * 60 * minute;
  const now = () => Date.now() - behind;
  const runtime = await openRuntime({
    data,
    log,
    clock: now,
    maxBody,
    company,
    bus: { allowPrivateTargets },
    settings: { announceEvents },
  });
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
  const people = await passersBy(boxes, options);
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
    async toPresent(until = 0) {
      const least = until * 60 * minute;
      // It notes that it receives; if the notes are over three minutes apart, it did not, and no box was silent.
      for (; behind > least; behind = Math.max(least, behind - 2 * minute)) await runtime.boxes.look();
      await runtime.boxes.look();
    },
    ...people,
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
