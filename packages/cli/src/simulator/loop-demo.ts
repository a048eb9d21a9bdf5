import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseConfig, startBridge, systemClock } from "@gatepost/bridge";
import { eventually } from "@gatepost/core/check";
import { Album, Gate, type Version } from "@gatepost/simulator";
import { type Api, withApi } from "../client.ts";
import { endAsked, endSignal, Failure, unlessEnded } from "../failure.ts";
import { createKey } from "../keys/created.ts";
import { startDemoServer } from "./demo.ts";

/** A box of each generation of the person interfaces, and who is registered there. */
const boxes = [
  { box: "gate-a", version: "V2R4", name: "王芳" },
  { box: "gate-b", version: "V5R6", name: "Jonas Keller" },
  { box: "gate-b7", version: "V5R7", name: "李秀英" },
  { box: "gate-c", version: "V6", name: "Chidi Okafor" },
] as const satisfies readonly { box: string; version: Version; name: string }[];

const silent = { info() {}, warn() {}, error() {} };
/** ms between two looks of the bridge at what it is to do. */
const actEvery = 1000;
/** ms between two looks for an expected result, and ms until it is given up. */
const pauseMs = 200;
const timeoutMs = 60_000;

interface Setting {
  api: Api;
  gates: ReadonlyMap<string, Gate>;
  /** Aborted if no new step may begin. */
  ended: AbortSignal;
}

/**
 * Shows the closed loop, and runs on until it is asked to end or for some seconds: at a box of each generation a stranger passes, is approved, is registered by the
 * bridge and is known by name at the next passing. Throws Failure if a step fails.
 */
export async function runLoopDemo({ port, for: seconds }: { port: number; for?: number }): Promise<void> {
  const ended = endSignal();
  await using opened = new AsyncDisposableStack();
  const { folder, data, url } = await startDemoServer(port, opened);
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
    for (const box of boxes) await showAt(box, { api, gates, ended });
  });
  try {
    await unlessEnded(showing, ended);
  } finally {
    // A bridge that begins still would make its folder anew.
    await showing.catch(() => {});
  }
  process.stdout.write("The loop is closed on all four generations. The server runs until Ctrl-C.\n");
  await (seconds === undefined
    ? endAsked()
    : Promise.race([endAsked(), sleep(seconds * 1000, undefined, { ref: false })]));
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
      name,
      token: keys.get(name),
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
  const asked = await awaited(
    `${box} asks to register the stranger`,
    () => actionOf(api, box, "pending,announced"),
    ended,
  );
  say("a stranger passed, and the box asks to register them");
  await api.ask("POST /v1/actions/{id}/approval", {
    path: { id: asked.id },
    body: { name, type: "visitor" },
  });
  say(`approved as ${name}`);
  const done = await awaited(`the bridge registers ${name} at ${box}`, () => actionOf(api, box, "done,failed"), ended);
  if (done.state !== "done") throw new Failure(`${box} did not take ${name}: ${done.reason}`);
  say("registered by the bridge");
  gate.passes(look);
  await awaited(`${box} knows ${name}`, () => knownAt(api, box, name), ended);
  say(`the same person passed again. Hello, ${name}!`);
}

async function actionOf(api: Api, box: string, state: string) {
  const { actions } = await api.ask("GET /v1/actions", { query: { box: [box], state, want: ["1001"] } });
  return actions[0];
}

async function knownAt(api: Api, box: string, name: string) {
  const { events } = await api.ask("GET /v1/events", { query: { box: [box], limit: 20 } });
  return events.find(({ person }) => person.name === name);
}

/** Waits until `find` finds something. Throws Failure if it finds nothing in time. */
async function awaited<Found>(
  what: string,
  find: () => Promise<Found | undefined>,
  ended: AbortSignal,
): Promise<Found> {
  const found = await eventually(async () => (await find()) ?? null, { timeoutMs, pauseMs, ended });
  if (found === null) throw new Failure(`it did not come about in ${timeoutMs / 1000} s that ${what}`);
  return found;
}
