import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { SourceReader, SourceState } from "@gatepost/core/sources";
import { secondMs } from "@gatepost/protocol";
import { type SourceDeps, SourceRun } from "./source-run.ts";
import { type ReadSources, readSources } from "./sources-file.ts";

const stopped = { isConnected: false, since: null, lastMessageAt: null };

const missing = "sources.json is missing: put it back, or write [] into it to end its sources";

const unusable = "sources.json cannot be used: the last good sources are";

/** What needs a person, by how many sources of all. */
const concernWords: Record<NonNullable<SourceRun["concern"]>, (count: number, all: number) => string> = {
  away: (count, all) => `sources that are not connected: ${count} of ${all}; see Boxes, or gatepost sources list`,
  refused: (count, all) =>
    `sources to which the broker refuses a topic: ${count} of ${all}; see Boxes, or gatepost sources list`,
  "too-large": (count, all) =>
    `sources with a message that was too large: ${count} of ${all}; see Boxes, or gatepost sources list`,
};

const sayWhy = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** ms between two looks at `sources.json` and at the keys of its sources. */
const everyMs = 2 * secondMs;

/** The sources of a data folder, as `sources.json` names them now. */
export class Sources implements SourceReader {
  readonly #file: string;
  readonly #deps: SourceDeps;
  readonly #running = new Map<string, SourceRun>();
  #fault: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();

  constructor(file: string, deps: SourceDeps) {
    this.#file = file;
    this.#deps = deps;
  }

  /** Runs the sources. Call the returned function, which ends them, before the store is closed. */
  start(): () => Promise<void> {
    const look = () => {
      this.#looking = this.#look().catch((cause: unknown) =>
        this.#deps.log.error("could not look at sources", { cause }),
      );
      void this.#looking.then(() => {
        if (this.#timer !== null) this.#timer = setTimeout(look, everyMs);
      });
    };
    this.#timer = setTimeout(look, 0);
    return async () => {
      clearTimeout(this.#timer ?? undefined);
      this.#timer = null;
      await this.#looking;
      await Promise.all([...this.#running.values()].map((run) => run.stop()));
      this.#running.clear();
    };
  }

  async read(): Promise<{ sources: SourceState[]; fault: string | null }> {
    const read = await this.#readFile();
    const sources = "fault" in read ? [...this.#running.values()].map((run) => run.source) : read.sources;
    const states = sources.map(async (source): Promise<SourceState> => {
      const { name, box, mqtt: broker, topics } = source;
      const running = this.#running.get(name);
      if (running !== undefined) return running.state;
      const record = await this.#deps.records.find(name);
      const fault = record && (await this.#deps.keys.live(name, record).then(() => null, sayWhy));
      return { name, box, broker, topics, key: record?.key ?? null, ...stopped, fault };
    });
    return { sources: await Promise.all(states), fault: "fault" in read ? read.fault : null };
  }

  /** What needs a person, without a name. */
  concerns(): string[] {
    const runs = [...this.#running.values()];
    const counted = Object.entries(concernWords).flatMap(([concern, words]) => {
      const count = runs.filter((run) => run.concern === concern).length;
      return count > 0 ? [words(count, runs.length)] : [];
    });
    return [...(this.#fault === null ? [] : [unusable]), ...counted];
  }

  /** A missing file ends no source: it may be replaced just now, and no backup has it. */
  async #readFile(): Promise<ReadSources> {
    if (!existsSync(this.#file) && (await this.#deps.records.names()).length > 0) return { fault: missing };
    return readSources(this.#file);
  }

  async #look(): Promise<void> {
    const { log } = this.#deps;
    const read = await this.#readFile();
    if ("fault" in read) {
      if (read.fault !== this.#fault)
        log.error("sources cannot be used: the last good ones are", { reason: read.fault });
      this.#fault = read.fault;
      return;
    }
    this.#fault = null;
    const wanted = new Map(read.sources.map((source) => [source.name, source]));
    for (const [name, run] of this.#running) {
      if (isDeepStrictEqual(run.source, wanted.get(name))) continue;
      this.#running.delete(name);
      await run.stop();
      const reason = (cause: unknown) =>
        log.warn("the broker keeps the session of a removed source", { source: name, cause });
      if (!wanted.has(name)) void run.leave().catch(reason);
    }
    await this.#forgetOthers(wanted);
    for (const [name, source] of wanted) {
      if (!this.#running.has(name)) this.#running.set(name, new SourceRun(source, this.#deps));
    }
    await Promise.all([...this.#running.values()].map((run) => run.check()));
  }

  /** Revokes the keys of sources that `sources.json` does not name any more. */
  async #forgetOthers(wanted: ReadonlyMap<string, unknown>): Promise<void> {
    const { log, records, keys } = this.#deps;
    for (const name of await records.names()) {
      const record = wanted.has(name) ? null : await records.find(name);
      if (record === null) continue;
      await keys.end(name, record);
      await records.remove(name);
      log.info("source removed", { source: name, key: record.key });
    }
  }
}
