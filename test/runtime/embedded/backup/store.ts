import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { hashToken, newToken } from "@gatepost/core/keys";
import { backUp, openRuntime, type Runtime, type RuntimeOptions, restore, type ShipStore } from "@gatepost/embedded";
import { merge } from "@gatepost/protocol";
import { receiver } from "@gatepost/receive";
import { boxRequest } from "../../../support/http.ts";
import { jpeg } from "../../../support/pictures.ts";
import { history, received } from "../../../support/reports.ts";
import { pictureAt } from "../../../support/stored-pictures.ts";
import { makeEmptyStore, temporaryFolder } from "../temporary.ts";

const quiet = () => {};
const log = { info: quiet, warn: quiet, error: quiet };

/** ms by which every passing of these stores is later than the one before. */
const apart = 60_000;

export interface Store {
  path: string;
  runtime: Runtime;
  token: string;
  /** Has a person pass; each number is another passing. */
  pass(number: number, person?: string): Promise<string>;
  post(body: unknown): Promise<number>;
  ids(): Promise<string[]>;
  /** May be called again. */
  close(): Promise<void>;
  /** Closes it and opens it again. */
  reopen(): Promise<void>;
}

/** Stores of a test, and folders for their backups. All are removed after it. */
export async function stores(closers: (() => Promise<void>)[]) {
  const { path: parent, remove } = await temporaryFolder();
  closers.push(remove);
  const place = (name: string) => join(parent, name);
  return {
    place,
    async open(name: string, known: string | null = null, options: Partial<RuntimeOptions> = {}): Promise<Store> {
      const token = known ?? newToken("ingest");
      const path = place(name);
      if (!existsSync(path)) await makeEmptyStore(path);
      let runtime = await openRuntime({ data: path, log, clock: () => received, ...options });
      let isOpen = true;
      const close = async () => {
        if (isOpen) await runtime.close();
        isOpen = false;
      };
      closers.push(close);
      if (known === null)
        await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
      const post = async (body: unknown) =>
        (await receiver(runtime.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body }))).status;
      const ids = async () => (await eventsOf(runtime)).map(({ id }) => id).sort();
      return {
        path,
        token,
        get runtime() {
          return runtime;
        },
        post,
        ids,
        close,
        async pass(number, person = `person-${number}`) {
          const before = await ids();
          const status = await post(passing(number, person));
          const made = (await ids()).find((id) => !before.includes(id));
          if (status !== 200 || made === undefined) throw new Error(`answered ${status}, and no event was made`);
          return made;
        },
        async reopen() {
          await close();
          isOpen = true;
          runtime = await openRuntime({ data: path, log, clock: () => received, ...options });
        },
      };
    },
    backUp: (store: Pick<Store, "path">, to: string) =>
      backUp({ data: store.path, to: place(to), clock: () => received }),
    restore: (from: string, to: string, options: { later?: string; isPartial?: boolean } = {}) =>
      restore({
        from: place(from),
        data: place(to),
        later: options.later === undefined ? null : place(options.later),
        isPartial: options.isPartial ?? false,
      }),
  };
}

/**
 * A bucket in memory. While `failure` is set, nothing can be written; while `silence` is set, it writes and does not
 * answer.
 */
export class MemoryBucket implements ShipStore {
  readonly name = "s3://memory/";
  readonly objects = new Map<string, Buffer>();
  failure: Error | null = null;
  silence: Error | null = null;
  readonly #unanswered: ((error: Error) => void)[] = [];

  async put(key: string, bytes: Buffer): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.objects.set(key, Buffer.from(bytes));
    if (this.silence !== null) throw this.silence;
  }

  async get(key: string): Promise<Buffer | null> {
    return this.objects.get(key) ?? null;
  }

  async *list(prefix: string): AsyncIterable<string> {
    yield* [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  async remove(key: string): Promise<void> {
    this.objects.delete(key);
  }

  end(): void {
    for (const give of this.#unanswered.splice(0)) give(new Error("ended"));
  }

  /** A call that ends only when all calls are aborted. */
  unanswered(): Promise<never> {
    return new Promise((_, reject) => this.#unanswered.push(reject));
  }

  keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix));
  }

  /** Whether any object contains a text, packed or not. */
  has(text: string): boolean {
    return [...this.objects.values()].some((bytes) => bytes.includes(text) || unpacked(bytes).includes(text));
  }
}

function unpacked(bytes: Buffer): Buffer {
  return bytes.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b])) ? gunzipSync(bytes) : Buffer.alloc(0);
}

export function passing(number: number, person = `person-${number}`) {
  const time = received - 1_000_000_000 + number * apart;
  const facts = { identity_id: person, timestamp: time, want_action: number % 2 === 0 ? "1002" : "0" };
  return history(facts, { recognize_face: faceOf(number).toString("base64") });
}

/** Some kilobytes that no other passing shows. */
function faceOf(number: number): Buffer {
  return Buffer.concat([jpeg(`face ${number}`), Buffer.alloc(3000 + number, number)]);
}

export async function eventsOf(runtime: Runtime) {
  return (await runtime.reads.events.list({}, { limit: 500, cursor: null })).items.map(merge);
}

/** The numbers of those passings whose picture is there as it was sent. */
export async function picturesIn(runtime: Runtime): Promise<string[]> {
  const shown: string[] = [];
  for (const event of await eventsOf(runtime)) {
    const { face } = event.pictures;
    if (face === undefined) continue;
    const found = await runtime.reads.pictures.get(pictureAt(event.receivedAt.slice(0, 7), "face", face.sha256));
    if (found !== null) shown.push(event.person.id ?? "");
  }
  return shown.sort();
}

export async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}
