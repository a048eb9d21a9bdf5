import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseConfig, startBridge, systemClock } from "@gatepost/bridge";
import { Album, Gate, type Version } from "@gatepost/simulator";
import * as z from "zod";
import { type Api, withApi } from "./client.ts";
import { endSignal, unlessEnded } from "./end.ts";
import { Failure } from "./failure.ts";
import { createKey } from "./keys.ts";
import { findRunning } from "./running.ts";
import { start } from "./start.ts";
import { printKeys } from "./welcome.ts";

/** A box of each generation of the person interfaces, and who is registered there. */
const boxes = [
  { box: "gate-a", version: "V2R4", name: "王芳" },
  { box: "gate-b", version: "V5R6", name: "Jonas Keller" },
  { box: "gate-b7", version: "V5R7", name: "李秀英" },
  { box: "gate-c", version: "V6", name: "Chidi Okafor" },
] as const satisfies readonly { box: string; version: Version; name: string }[];

const silent = { info() {}, warn() {}, error() {} };
const actEvery = 1000;
const pause = 200;
const patience = 60_000;
const maxBody = 64 * 1024 * 1024;

interface Setting {
  api: Api;
  gates: ReadonlyMap<string, Gate>;
  /** Aborted where nothing more is to be begun. */
  ended: AbortSignal;
}

/**
 * Shows the closed loop, then ends: at a box of each generation a stranger passes, is approved, is registered by the bridge
 * and is known by name at the next passing. Throws Failure where anything of it does not come about.
 */
export async function runLoopDemo({ port }: { port: number }): Promise<void> {
  const ended = endSignal();
  const folder = await mkdtemp(join(tmpdir(), "gatepost-demo-"));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, "data");
  const server = await start({ data, port, host: "127.0.0.1", maxBody }, printKeys);
  opened.defer(() => server.stop());
  process.stdout.write(`${server.lines.join("\n")}\n`);
  const url = (await findRunning(data))?.url ?? "";
  const showing = withApi({ data }, async (api) => {
    const gates = new Map<string, Gate>();
    const album = await Album.draw(1, { looks: 4, scale: 0.5 });
    const keys = new Map<string, string>();
    for (const [seed, { box, version }] of boxes.entries()) {
      ended.throwIfAborted();
      const { token } = await createKey(api, { scope: "ingest", box });
      keys.set(box, token);
      const gate = await Gate.open({ name: box, version, seed, album, url: new URL(`${url}/${token}`) });
      opened.defer(() => gate.close());
      gates.set(box, gate);
    }
    const config = await bridgeConfig({ api, gates }, { url, folder, keys });
    ended.throwIfAborted();
    const bridge = await startBridge({ config, clock: systemClock, random: Math.random, log: silent, actEvery });
    opened.defer(() => bridge.stop());
    for (const one of boxes) await showAt(one, { api, gates, ended });
  });
  try {
    await unlessEnded(showing, ended);
  } finally {
    // A bridge that begins still would make its folder anew.
    await showing.catch(() => {});
  }
  process.stdout.write("The loop is closed on all four generations.\n");
}

/** The file of a bridge that may act on all gates. */
async function bridgeConfig(
  { api, gates }: Omit<Setting, "ended">,
  { url, folder, keys }: { url: string; folder: string; keys: ReadonlyMap<string, string> },
) {
  const { token } = await createKey(api, { scope: "read", boxes: [...gates.keys()] });
  const file = {
    cloud: { url },
    spool: { folder: join(folder, "spool") },
    metrics: "127.0.0.1:0",
    acting: { token },
    boxes: [...gates].map(([name, gate]) => ({
      ...{ name, token: keys.get(name) },
      people: { host: "127.0.0.1", port: gate.port },
    })),
  };
  // JSON is YAML.
  return parseConfig(JSON.stringify(file), "the demo");
}

async function showAt({ box, version, name }: (typeof boxes)[number], { api, gates, ended }: Setting): Promise<void> {
  const say = (text: string) => process.stdout.write(`${box} (${version}): ${text}\n`);
  const gate = gates.get(box);
  if (gate === undefined) throw new Failure(`there is no ${box}`);
  const look = gate.stranger();
  const asked = await eventually(
    `${box} asks to register the stranger`,
    () => actionOf(api, box, "pending,announced"),
    ended,
  );
  say("a stranger passed, and the box asks to register them");
  await api.ask("POST /v1/actions/{id}/approval", {
    path: { id: asked.id },
    body: { name, type: "visitor" },
    answer: z.looseObject({}),
  });
  say(`approved as ${name}`);
  const done = await eventually(
    `the bridge registers ${name} at ${box}`,
    () => actionOf(api, box, "done,failed"),
    ended,
  );
  if (done.state !== "done") throw new Failure(`${box} did not take ${name}: ${done.reason}`);
  say("registered by the bridge");
  gate.passes(look);
  await eventually(`${box} knows ${name}`, () => knownAt(api, box, name), ended);
  say(`the same person passed again. Hello, ${name}!`);
}

const action = z.looseObject({ id: z.string(), state: z.string(), reason: z.string().nullable() });

async function actionOf(api: Api, box: string, state: string) {
  const answer = z.object({ actions: z.array(action) });
  const { actions } = await api.ask("GET /v1/actions", { query: { box: [box], state, want: ["1001"] }, answer });
  return actions[0];
}

async function knownAt(api: Api, box: string, name: string) {
  const answer = z.object({
    events: z.array(z.looseObject({ person: z.looseObject({ name: z.string().nullable() }) })),
  });
  const { events } = await api.ask("GET /v1/events", { query: { box: [box], limit: 20 }, answer });
  return events.find(({ person }) => person.name === name);
}

/** Asks until there is something. Throws Failure where it does not come about in time. */
async function eventually<Found>(
  what: string,
  find: () => Promise<Found | undefined>,
  ended: AbortSignal,
): Promise<Found> {
  const deadline = performance.now() + patience;
  for (;;) {
    ended.throwIfAborted();
    const found = await find();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Failure(`it did not come about in ${patience / 1000} s that ${what}`);
    await sleep(pause);
  }
}
