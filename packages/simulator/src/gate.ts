import type { Album } from "./album.ts";
import type { Version } from "./bodies/versions.ts";
import type { Listening } from "./box-api.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Faults } from "./faults.ts";
import { FaceLibrary } from "./library/library.ts";
import { seededFor } from "./random.ts";
import { Se3 } from "./se3.ts";
import { Site } from "./site.ts";
import type { Watcher } from "./watcher.ts";

export interface GateOptions {
  name: string;
  version: Version;
  seed: number;
  album: Album;
  /** The target of its reports: the address of a Gatepost with the key of this box. */
  url: URL;
  /** The file of its people; null: lost with the process. */
  file?: string | null;
  /** Port of the box's interface, 5555 of a real one; 0 takes a free one. */
  port?: number;
  watch?: Watcher;
  clock?: Clock;
}

const registeredPeople = 12;

/** A box with its person interface, at which people go by one at a time and are reported in its history. */
export class Gate {
  readonly library: FaceLibrary;
  readonly #box: Se3;
  readonly #site: Site;
  readonly #served: Listening;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;

  private constructor(parts: { library: FaceLibrary; box: Se3; site: Site; served: Listening }) {
    this.library = parts.library;
    this.#box = parts.box;
    this.#site = parts.site;
    this.#served = parts.served;
    this.#running = parts.box.run(this.#stopped.signal);
  }

  static async open(options: GateOptions): Promise<Gate> {
    const { name, version, seed, album, url, file = null, port = 0, watch = () => {}, clock = systemClock } = options;
    const random = seededFor(seed, `${name} library`);
    const faults = new Faults({}, random);
    const site = new Site({ seed, box: name, devices: 1, strangers: 0, actions: 0, faults, clock });
    const library = new FaceLibrary({ people: site.people.slice(0, registeredPeople), file, album, random });
    const people = { library, passingOf: (look: number, ip: string | null) => site.passingOf(look, ip) };
    const box = new Se3({ album, version, faults, watch, clock, people });
    box.settings.historyUrls = [new URL(`${url.href.replace(/\/+$/, "")}/HistoryEvent`)];
    const served = await box.serve({ host: "127.0.0.1", port });
    return new Gate({ library, box, site, served });
  }

  /** Of its own interface. */
  get port(): number {
    return this.#served.port;
  }

  /** A person unknown to every box passes, and the box asks to register them. Returns the look of the face. */
  stranger(): number {
    const passing = this.#site.nextStranger();
    this.#box.passes(passing);
    return passing.person.look;
  }

  /** A person with this face passes. */
  passes(look: number): void {
    this.#box.passes(this.#site.passingOf(look));
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#served.close();
  }
}
