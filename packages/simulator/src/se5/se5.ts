import { type Listening, serveBoxApi } from "../box-api.ts";
import { configuration } from "../configuration.ts";
import { recognised } from "../library/recognised.ts";
import { type Device, type Passing, picturesOf } from "../passing.ts";
import { type BoxOptions, historyUploads, personParts } from "../se3.ts";
import { factorySettings, type Settings } from "../settings.ts";
import type { Uploads } from "../uploads.ts";
import { type Family, Live } from "./live.ts";
import { Memory } from "./memory.ts";
import { queries, unknownPictures } from "./queries.ts";

export interface Se5Options extends BoxOptions {
  devices: readonly Device[];
  /** The file of its memory; null: lost with the process. */
  memoryFile: string | null;
  host: string;
  /** 5679 and 5555 of a real one; 0 takes free ones. */
  livePort: number;
  apiPort: number;
  splitsFrames?: boolean;
}

/** An SE5: a WebSocket server on its LAN, with a memory that can be asked. docs/formats.md §2 (g), §4.4. */
export class Se5 {
  readonly settings: Settings = factorySettings();
  readonly memory: Memory;
  readonly live: Live;
  readonly #options: Se5Options;
  readonly #uploads: Uploads;
  #api: Listening | null = null;
  #devices: readonly Device[];

  private constructor(options: Se5Options, live: Live) {
    this.#options = options;
    this.#devices = options.devices;
    this.live = live;
    this.memory = new Memory(options.memoryFile);
    this.#uploads = historyUploads(options, this.settings);
  }

  static async open(options: Se5Options): Promise<Se5> {
    const { host, livePort, apiPort, version, people, splitsFrames = false } = options;
    const family: Family = version === "V6" ? "V6" : "V5";
    const se5 = new Se5(options, await Live.open({ host, port: livePort }, { family, splitsFrames }));
    const remembered = {
      memory: se5.memory,
      devices: () => se5.#devices,
      pictures: (passing: Passing) => picturesOf(passing, options.album, people?.library),
    };
    const parts = [
      queries(family, remembered),
      configuration(version, se5.settings),
      ...personParts(version, people, se5),
      unknownPictures(family),
    ];
    se5.#api = await serveBoxApi(parts, { host, port: apiPort });
    return se5;
  }

  get apiPort(): number {
    return this.#api?.port ?? 0;
  }

  get waiting(): number {
    return this.#uploads.waiting;
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  /** A camera more: clients that do not look again never hear of it. */
  install(device: Device): void {
    this.#devices = [...this.#devices, device];
  }

  /** Remembers a passing, then pushes it: each pushed passing is always also in its memory. */
  passes(seen: Passing): void {
    const { album, faults, watch, people } = this.#options;
    const passing = people === undefined ? seen : recognised(seen, people.library);
    this.memory.add(passing);
    if (faults.strikes("cut")) this.live.cut();
    const pushed = this.live.push(passing, picturesOf(passing, album, people?.library));
    watch(pushed > 0 ? "sent" : "lost", "live", passing);
    if (this.settings.historyUrls.length > 0) this.#uploads.add(passing);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#uploads.run(signal);
  }

  async close(): Promise<void> {
    await this.live.close();
    await this.#api?.close();
  }
}
