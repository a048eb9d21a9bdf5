import { join } from "node:path";
import { type Attempt, type OpenPeopleOptions, openPeople, type PersonLibrary, systemClock } from "@gatepost/bridge";
import { openRuntime, serve } from "@gatepost/embedded";
import { approvalSchema, type FaceEvent } from "@gatepost/protocol";
import { type Clock, FaceLibrary, type Passing, Se3, Site, seeded, Tally, type Version } from "@gatepost/simulator";
import * as z from "zod";
import { type ActingOptions, startActing } from "../../../../packages/bridge/src/acting/acting.ts";
import { freePort } from "../../../standins/listen.ts";
import { Client } from "../../../support/client.ts";
import { album, atEnd, noFaults, temporary, until } from "../../../unit/simulator/support.ts";
import { temporaryDataFolder } from "../../embedded/temporary.ts";

const silent = { info() {}, warn() {}, error() {} };

/** A box uploads once a second, which is most of what a test would wait for. */
const impatient: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 40), signal) };

const action = z.object({
  id: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  approval: z.nullable(approvalSchema),
});
const actions = z.object({ actions: z.array(action) });
const made = z.object({ token: z.string() });

/** A simulated box with a person library, which uploads to a Gatepost. */
export class SimulatedBox {
  readonly name: string;
  readonly site: Site;
  readonly library: FaceLibrary;
  readonly #box: Se3;
  readonly port: number;
  #served: { close(): Promise<void> } | null = null;

  constructor(name: string, { version, port, file = null }: { version: Version; port: number; file?: string | null }) {
    this.name = name;
    this.port = port;
    const options = { seed: 12, devices: 1, strangers: 0, actions: 0, faults: noFaults(), clock: impatient };
    this.site = new Site({ ...options, box: name });
    this.library = new FaceLibrary({ people: this.site.people.slice(0, 5), file, album, random: seeded(4) });
    const people = {
      library: this.library,
      passingOf: (look: number, device: string | null) => this.site.passingOf(look, device),
    };
    this.#box = new Se3({ album, version, faults: noFaults(), watch: new Tally().watch, clock: impatient, people });
  }

  async open(url: string): Promise<void> {
    this.#box.settings.historyUrls = [new URL(`${url}/HistoryEvent`)];
    const ended = new AbortController();
    const uploading = this.#box.run(ended.signal);
    atEnd(async () => {
      ended.abort();
      await uploading;
      await this.goAway();
    });
    await this.comeBack();
  }

  async goAway(): Promise<void> {
    await this.#served?.close();
    this.#served = null;
  }

  async comeBack(): Promise<void> {
    this.#served = await this.#box.serve({ host: "127.0.0.1", port: this.port });
  }

  passes(passing: Passing): void {
    this.#box.passes(passing);
  }

  /** How many people of that name are registered. */
  named(name: string): number {
    return this.library.all().filter((person) => person.name === name).length;
  }

  people(options: OpenPeopleOptions = {}): PersonLibrary {
    return openPeople({ host: "127.0.0.1", port: this.port, library: "default_group", quality: "high" }, options);
  }
}

/** A Gatepost on one machine, simulated boxes that post to it, and a bridge that acts on them. */
export async function world(versions: Record<string, Version>, options: Partial<ActingOptions> = {}) {
  const data = await temporaryDataFolder();
  atEnd(data.remove);
  const runtime = await openRuntime({ data: data.path, log: silent });
  atEnd(() => runtime.close());
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  atEnd(() => served.close());
  const url = `http://127.0.0.1:${served.port}`;
  const client = new Client({ url, admin: runtime.adminToken });
  const boxes = new Map<string, SimulatedBox>();
  for (const [name, version] of Object.entries(versions)) {
    const box = new SimulatedBox(name, { version, port: await freePort() });
    await box.open(`${url}/${(await client.createKey(name)).token}`);
    boxes.set(name, box);
  }
  const names = [...boxes.keys()];
  const key = await client.post("/v1/keys", { scope: "read", boxes: names });
  const { token } = made.parse(await key.json());
  const folder = join(await temporary(), "acting");
  const act = (changes: Partial<ActingOptions> = {}) => {
    const acting = startActing({
      mode: "review",
      url,
      token,
      boxes: names,
      folder,
      clock: systemClock,
      random: Math.random,
      log: silent,
      everyMs: 250,
      ...options,
      ...changes,
      libraryOf: (box) => boxes.get(box)?.people() ?? null,
      ...("libraryOf" in changes ? { libraryOf: changes.libraryOf } : {}),
    });
    let isStopped = false;
    const stop = async () => {
      if (!isStopped) await acting.stop();
      isStopped = true;
    };
    atEnd(stop);
    return { ...acting, stop };
  };
  return { runtime, client, url, token, boxes, folder, act, box: (name: string) => boxes.get(name) as SimulatedBox };
}

export type World = Awaited<ReturnType<typeof world>>;

async function actionsOf({ client }: World, filter = ""): Promise<z.output<typeof action>[]> {
  return actions.parse(await (await client.get(`/v1/actions?limit=100${filter}`)).json()).actions;
}

/** Lets a stranger pass who asks to be registered. Resolves with the action, once it is there, and the passing. */
export async function stranger(world: World, box: SimulatedBox) {
  const before = new Set((await actionsOf(world)).map(({ id }) => id));
  const passing = box.site.nextStranger();
  box.passes(passing);
  const fresh = async () => (await actionsOf(world)).find(({ id }) => !before.has(id));
  await until(async () => (await fresh()) !== undefined);
  return { id: (await fresh())?.id ?? "", passing };
}

/** Lets the first person of a box pass, who looks so, and the box ask for that photo. Resolves with the action. */
export async function newPhoto(world: World, box: SimulatedBox, look: number): Promise<string> {
  const [person] = box.site.people;
  if (person === undefined) throw new Error("nobody is registered");
  const asked = async () => actionsOf(world, "&want=1002");
  const before = new Set((await asked()).map(({ id }) => id));
  const passing = box.site.passingOf(look);
  box.passes({ ...passing, wantAction: "1002", person: { ...person, type: 1, look } });
  const fresh = async () => (await asked()).find(({ id }) => !before.has(id));
  await until(async () => (await fresh()) !== undefined);
  return (await fresh())?.id ?? "";
}

export async function undo({ client }: World, id: string): Promise<number> {
  return (await client.post(`/v1/actions/${id}/approval/undo`, {})).status;
}

export async function approve({ client }: World, id: string, body: unknown): Promise<number> {
  return (await client.post(`/v1/actions/${id}/approval`, body)).status;
}

export async function actionOf({ client }: World, id: string): Promise<z.output<typeof action>> {
  return action.parse(await (await client.get(`/v1/actions/${id}`)).json());
}

/** Waits until an action has no open work. */
export async function ended(world: World, id: string): Promise<z.output<typeof action>> {
  await until(async () => (await actionOf(world, id)).approval?.isOpen === false);
  return actionOf(world, id);
}

/** Lets the same face pass again, and resolves with what Gatepost has of that. */
export async function passesAgain(world: World, box: SimulatedBox, { person }: Passing): Promise<FaceEvent> {
  const passing = box.site.passingOf(person.look);
  box.passes(passing);
  const found = async () =>
    (await world.client.events(`&box=${box.name}`)).find(({ timestamp }) => Math.abs(timestamp - passing.at) <= 1);
  await until(async () => (await found()) !== undefined);
  return (await found()) as FaceEvent;
}

/** Begins to act by a bridge that registers people on a box and is ended before it has said so. */
export function actUnsaid(here: World, box: SimulatedBox) {
  const real = box.people();
  const { undo, remove, has, compare } = real;
  const unsaid = ({ signal }: Attempt) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("ended"))));
  return here.act({
    libraryOf: () => ({
      undo,
      remove,
      has,
      compare,
      async register(order, attempt) {
        await real.register(order, attempt);
        return unsaid(attempt);
      },
      async updatePhoto(order, attempt) {
        await real.updatePhoto(order, attempt);
        return unsaid(attempt);
      },
    }),
  });
}
