import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiPorts } from "@gatepost/api";
import { type Client, client } from "@gatepost/client";
import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime, type Runtime, serve } from "@gatepost/embedded";
import type { BoxKind, FleetBox } from "@gatepost/simulator";
import { type PassersBy, passersBy } from "./passers-by.ts";

/** A server with boxes of the simulator. */
export interface Office extends PassersBy {
  url: string;
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

/** An office on one machine, in a new folder. */
export interface OneMachine extends Office {
  runtime: Runtime;
  /** The port at which it listens. */
  port: number;
}

export interface OfficeOptions {
  seed?: number;
  /** Of the pictures' width and height. */
  scale?: number;
  /** Faces that there are. */
  looks?: number;
  /** Hours before now in which it begins. */
  hoursAgo?: number;
  /** The first content of rules.json, which AWS has not. */
  rules?: readonly object[];
}

interface MachineOptions extends OfficeOptions {
  /** Whether each passing is put on the bus. */
  announceEvents?: boolean;
  /** The provider by which people of a company sign in. */
  company?: { issuer: string; clientId: string; clientSecret: string } | null;
  /** The address of a proxy in front of it. */
  publicUrl?: string;
  /** The origins of pages that may frame the screen. */
  frameAncestors?: readonly string[];
  /** Whether rules and notifications may be sent to this machine. */
  allowPrivateTargets?: boolean;
}

/** The server of an office, on one machine or on AWS. */
interface OfficeServer extends Pick<Office, "url" | "unlisten" | "listen" | "close"> {
  keys(): Pick<ApiPorts["keyAdmin"], "create">;
  /** Looks for silent boxes, as it does again and again. */
  look(): Promise<void>;
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

/** Opens an office on one machine. */
export async function openOffice(options: MachineOptions = {}): Promise<OneMachine> {
  const {
    rules = [],
    announceEvents = false,
    company = null,
    publicUrl,
    frameAncestors = [],
    allowPrivateTargets = false,
  } = options;
  const proxied = publicUrl === undefined ? {} : { publicUrl, trustProxy: ["127.0.0.1"] };
  const reached = { ...proxied, frameAncestors };
  const data = await mkdtemp(join(tmpdir(), "gatepost-office-"));
  await writeFile(join(data, "rules.json"), JSON.stringify(rules), { mode: 0o600 });
  return officeAt(options, async (now) => {
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
    let served = await serve(runtime, { host: "127.0.0.1", port: 0, ...reached });
    const { port } = served;
    return {
      runtime,
      port,
      url: publicUrl ?? `http://127.0.0.1:${port}`,
      keys: () => runtime.reads.keyAdmin,
      look: () => runtime.boxes.look(),
      unlisten: () => served.close(),
      async listen() {
        served = await serve(runtime, { host: "127.0.0.1", port, ...reached });
      },
      async close() {
        await served.close();
        await endUpkeep();
        await runtime.close();
        await rm(data, { recursive: true, force: true });
      },
    };
  });
}

/** Makes an office of a server whose clock is a number of hours behind. */
export async function officeAt<Server extends OfficeServer>(
  { hoursAgo = 0, ...drawn }: OfficeOptions,
  open: (now: () => number) => Promise<Server>,
): Promise<Office & Server> {
  let behind = hoursAgo * 60 * minute;
  const now = () => Date.now() - behind;
  const server = await open(now);
  const { url } = server;
  const addKey = async (scope: "admin" | "read" | "ingest", box: string | null = null) => {
    const token = newToken(scope);
    await server.keys().create({ scope, box, tokenHash: hashToken(token) });
    return token;
  };
  const [admin, read] = [await addKey("admin"), await addKey("read")];
  const boxAt = async (name: string, kind: BoxKind): Promise<FleetBox> => {
    return { name, kind, url: new URL(`${url}/${await addKey("ingest", name)}`) };
  };
  const boxes: FleetBox[] = [];
  for (const [name, kind] of kinds) boxes.push(await boxAt(name, kind));
  return {
    ...server,
    admin,
    read,
    boxes,
    now,
    api: client({ url, token: admin }),
    addBox: (name) => boxAt(name, "se3"),
    async toPresent(until = 0) {
      const least = until * 60 * minute;
      // It notes that it receives; if the notes are over three minutes apart, it did not, and no box was silent.
      for (; behind > least; behind = Math.max(least, behind - 2 * minute)) await server.look();
      await server.look();
    },
    ...(await passersBy(boxes, drawn)),
  };
}
