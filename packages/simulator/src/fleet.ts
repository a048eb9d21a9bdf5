import { Album } from "./album.ts";
import type { Encoding } from "./bodies/encode.ts";
import type { Version } from "./bodies/versions.ts";
import type { Clock } from "./clock.ts";
import { type FaultChances, Faults } from "./faults.ts";
import type { Passing } from "./passing.ts";
import { Platform } from "./platform.ts";
import { type Random, seededFor, whole } from "./random.ts";
import { Se3 } from "./se3.ts";
import { Se5 } from "./se5/se5.ts";
import { Site } from "./site.ts";
import { type TerminalMake, terminalMakes } from "./terminals/makes.ts";
import { TerminalBox } from "./terminals/terminal-box.ts";
import type { Watcher } from "./watcher.ts";

export const boxKinds = ["se3", "se5", "platform-a", "platform-b", ...terminalMakes] as const;
export type BoxKind = (typeof boxKinds)[number];

export interface FleetBox {
  name: string;
  kind: BoxKind;
  /**
   * Its receiver with its key, without a path behind it; an SE5 waits for a bridge instead. A terminal of ZKTeco needs no
   * key in it if a key lists its serial.
   */
  url: URL;
}

export interface FleetOptions {
  seed: number;
  boxes: readonly FleetBox[];
  /** Passings a second, all boxes together. */
  rate: number;
  version: Version;
  encoding: Encoding;
  inBatches: boolean;
  faults: FaultChances;
  watch: Watcher;
  clock: Clock;
  album?: Album;
}

/** What every kind of box does. */
interface Passable {
  readonly waiting: number;
  passes(passing: Passing): void;
  run(signal: AbortSignal): Promise<void>;
}

interface Member {
  name: string;
  site: Site;
  box: Passable;
}

/** ms between two looks at how many passings are due. */
const tickMs = 20;
const usual = { devices: 2, strangers: 0.2, actions: 0.3 };

/** Boxes of all kinds, and people who go by them. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #members: readonly Member[];
  readonly #random: Random;

  private constructor(options: FleetOptions, members: readonly Member[]) {
    this.#options = options;
    this.#members = members;
    this.#random = seededFor(options.seed, "fleet");
  }

  static async open(options: FleetOptions): Promise<Fleet> {
    const album = options.album ?? (await Album.draw(options.seed));
    const members: Member[] = [];
    for (const box of options.boxes) members.push(await member(box, album, options));
    return new Fleet(options, members);
  }

  /** Reports that were not accepted yet and will be sent again. */
  get waiting(): number {
    return this.#members.reduce((sum, { box }) => sum + box.waiting, 0);
  }

  /** The SE5s among them, which wait for a connection. */
  get se5s(): { name: string; box: Se5 }[] {
    return this.#members.flatMap(({ name, box }) => (box instanceof Se5 ? [{ name, box }] : []));
  }

  /** A registered person passes the first box. Returns the person's name; null without boxes. */
  known(): string | null {
    const [first] = this.#members;
    if (first === undefined) return null;
    const passing = first.site.nextKnown();
    first.box.passes(passing);
    return passing.person.name;
  }

  /** An unregistered stranger passes the first box, which asks to register them. */
  stranger(): void {
    const [first] = this.#members;
    first?.box.passes(first.site.nextStranger());
  }

  /** Lets people pass until `passing` aborts, and uploads until `uploading` does. */
  async run({ passing, uploading }: { passing: AbortSignal; uploading: AbortSignal }): Promise<void> {
    const uploads = this.#members.map(({ box }) => box.run(uploading));
    await this.#letPass(passing);
    await Promise.all(uploads);
  }

  async close(): Promise<void> {
    for (const { box } of this.se5s) await box.close();
  }

  async #letPass(signal: AbortSignal): Promise<void> {
    const { clock, rate } = this.#options;
    const start = clock.now();
    for (let passed = 0; !signal.aborted; await clock.sleep(tickMs, signal)) {
      const due = ((clock.now() - start) * rate) / 1000;
      for (; passed < due; passed++) this.#pass();
    }
  }

  #pass(): void {
    const chosen = this.#members[whole(0, this.#members.length, this.#random)];
    chosen?.box.passes(chosen.site.next());
  }
}

async function member({ name, kind, url }: FleetBox, album: Album, options: FleetOptions): Promise<Member> {
  const { seed, clock, watch, version, encoding, inBatches } = options;
  const faults = new Faults(options.faults, seededFor(seed, `faults of ${name}`));
  const site = new Site({ seed, box: name, faults, clock, ...usual });
  const common = { album, version, inBatches, faults, watch, clock };
  const under = (path: string) => new URL(`${url.href.replace(/\/+$/, "")}/${path}`);
  if (kind === "platform-a" || kind === "platform-b") {
    const generation = kind === "platform-a" ? "A" : "B";
    return { name, site, box: new Platform(generation, under("PassRecord"), common) };
  }
  if (kind === "se5") {
    const at = { host: "127.0.0.1", livePort: 0, apiPort: 0, memoryFile: null };
    return { name, site, box: await Se5.open({ ...common, ...at, devices: site.devices }) };
  }
  if (isMake(kind)) return { name, site, box: new TerminalBox({ make: kind, name, url, album, faults, watch, clock }) };
  const box = new Se3(common);
  box.settings.realtimeUrls = [under("RealTimeEvent")];
  box.settings.historyUrls = [under("HistoryEvent")];
  // As `gatepost box setup` sets it.
  box.settings.realtimeNeedsFace = true;
  box.settings.realtimeEncoding = encoding;
  box.settings.historyEncoding = encoding;
  return { name, site, box };
}

function isMake(kind: BoxKind): kind is TerminalMake {
  return terminalMakes.some((make) => make === kind);
}
