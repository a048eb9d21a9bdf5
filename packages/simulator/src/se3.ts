import type { Album } from "./album.ts";
import { historyBody } from "./bodies/history.ts";
import { realtimeFaceVersions, type Version } from "./bodies/versions.ts";
import { type BoxAnswer, type BoxApiRequest, type Listening, serveBoxApi } from "./box-api.ts";
import type { Clock } from "./clock.ts";
import { configuration } from "./configuration.ts";
import type { Faults } from "./faults.ts";
import type { FaceLibrary } from "./library/library.ts";
import { generationOf, personApi } from "./library/person-api.ts";
import { recognised } from "./library/recognised.ts";
import { type Passing, picturesOf, switched } from "./passing.ts";
import { tellNow } from "./real-time.ts";
import { factorySettings, type Settings } from "./settings.ts";
import { Uploads } from "./uploads.ts";
import type { Watcher } from "./watcher.ts";

/** The people of a box that has its person interface. */
export interface People {
  library: FaceLibrary;
  /** A passing now, of the person in a picture that was sent to the box to be matched. */
  passingOf(look: number, deviceIp: string | null): Passing;
}

export interface BoxOptions {
  album: Album;
  version: Version;
  inBatches?: boolean;
  faults: Faults;
  watch: Watcher;
  clock: Clock;
  /** Absent: a box without a person interface, which knows whom the passings say it knows. */
  people?: People;
}

/** The least score of a match, 0 to 1. Below it a box sees a stranger. docs/formats.md §1 and §2 (a). */
const matchThreshold = 0.82;

/**
 * An SE3: reports each match at once and once, and later every passing, in order, until it is accepted. docs/formats.md §3.
 */
export class Se3 {
  readonly settings: Settings = factorySettings();
  readonly #options: BoxOptions;
  readonly #uploads: Uploads;
  readonly #posting = new Set<Promise<void>>();

  constructor(options: BoxOptions) {
    this.#options = options;
    this.#uploads = historyUploads(options, this.settings);
  }

  /** Reports that were not accepted yet. */
  get waiting(): number {
    return this.#uploads.waiting;
  }

  passes(seen: Passing): void {
    const { people } = this.#options;
    const passing = people === undefined ? seen : recognised(seen, people.library);
    if (passing.score >= matchThreshold) this.#tellNow(passing);
    this.#uploads.add(passing);
  }

  #tellNow(passing: Passing): void {
    const {
      realtimeUrls: urls,
      realtimeEncoding: encoding,
      realtimeNeedsRegistered,
      realtimeNeedsFace,
    } = this.settings;
    const { album, version, faults, watch, people } = this.#options;
    const pictures = switched(picturesOf(passing, album, people?.library), {
      scene: true,
      face: realtimeNeedsFace && realtimeFaceVersions.has(version),
      registered: realtimeNeedsRegistered,
    });
    const sent = tellNow(passing, pictures, { urls, encoding, faults, watch });
    this.#posting.add(sent);
    void sent.finally(() => this.#posting.delete(sent));
  }

  /** Uploads until the signal aborts, and waits for what it is telling by then. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#uploads.run(signal);
    await Promise.all(this.#posting);
  }

  /** Its configuration interface, port 5555 of a real one. */
  serve(at: { host: string; port: number }): Promise<Listening> {
    const { version, people } = this.#options;
    return serveBoxApi([configuration(version, this.settings), ...personParts(version, people, this)], at);
  }
}

/** The person interface of a box, if it has one. A match makes an event, as any passing does. */
export function personParts(
  version: Version,
  people: People | undefined,
  box: { passes(passing: Passing): void },
): ((asked: BoxApiRequest) => BoxAnswer)[] {
  if (people === undefined) return [];
  const matched = (look: number, device: string | null) => box.passes(people.passingOf(look, device));
  return [personApi(generationOf(version), people.library, matched)];
}

/** The history of a box, to the first URL that it was set to. */
export function historyUploads({ album, version, people, ...options }: BoxOptions, settings: Settings): Uploads {
  return new Uploads({
    inBatches: false,
    ...options,
    channel: "history",
    url: () => settings.historyUrls[0] ?? null,
    body: (passing) =>
      historyBody(passing, switched(picturesOf(passing, album, people?.library), settings.history), version),
    encoding: () => settings.historyEncoding,
  });
}
