import {
  BrokenRow,
  boxStatusKinds,
  isObject,
  isSign,
  type JsonObject,
  minuteMs,
  parseStored,
  storedJson,
  tellsOf,
} from "@gatepost/protocol";
import {
  asRead,
  type Change,
  compare,
  type Item,
  type Items,
  type List,
  not,
  placeAt,
  type Rows,
  ttlAt,
} from "@gatepost/store";
import * as z from "zod/mini";
import { type Log, LogOnce } from "../log/log.ts";
import { RecordKind } from "../records/record-kind.ts";

/** Statuses are kept as items whose keys begin with this. */
export const statusPrefix = "notice ";

/** `notice KIND BOX` */
const record = z.object({
  box: z.string(),
  kind: z.enum(boxStatusKinds),
  receivedAt: z.int(),
  report: storedJson(z.custom<JsonObject>(isObject)),
});

const statuses = new RecordKind(statusPrefix, record);

const erased = z.object({ receivedAt: z.number(), report: record.shape.report });

/** All statuses, in no order: the place of one never changes, so the index is written once for each. */
const everyStatus: List = { index: "byTime", name: "notices#" };

/** Statuses that are read at the same time to erase a person, each of up to 256 KB. */
const batchSize = 25;

/** The results of commands say nothing about the box, and nothing of signs of life is kept. */
const shownKinds = boxStatusKinds.filter((kind) => kind !== "mq-result" && !isSign(kind));

/** ms between two writes of the same sign of life: a terminal sends one each second. */
const signEveryMs = minuteMs;

/** Signs of life whose last writes are remembered. */
const maxSigns = 50_000;

/**
 * The last report of a box about itself, its devices or a command. The report is as it was sent, with at most 256 KB of
 * JSON; `receivedAt` is in ms since 1970.
 */
export type BoxStatusRecord = z.output<typeof record>;

/** Keeps the last status of each box and kind until it expires. */
export class BoxStatusStore {
  readonly #items: Pick<Rows, "write">;
  readonly #lifetime: () => number;
  /** When each sign of life was written last, ms since 1970. */
  readonly #signs = new Map<string, number>();

  /** @param lifetime ms from the receipt of a status until it expires */
  constructor(items: Pick<Rows, "write">, lifetime: () => number) {
    this.#items = items;
    this.#lifetime = lifetime;
  }

  /**
   * Resolves once the status is durable. A status that is replayed does not replace one that was received later. A sign
   * of life has no content, and is written once a minute.
   */
  async put({ box, kind, receivedAt, report }: BoxStatusRecord): Promise<void> {
    const id = idOf(box, kind);
    if (isSign(kind) && Math.abs(receivedAt - (this.#signs.get(id) ?? 0)) < signEveryMs) return;
    const lists = { byTime: everyStatus.name, at: placeAt(0, id) };
    const status = { box, kind, receivedAt, report: JSON.stringify(report), ttl: ttlAt(receivedAt + this.#lifetime()) };
    await this.#items.write(statuses.record(id, { ...status, ...lists }, not(compare("receivedAt", ">", receivedAt))));
    if (!isSign(kind)) return;
    if (this.#signs.size >= maxSigns) this.#signs.clear();
    this.#signs.set(id, receivedAt);
  }
}

/** Reads the last statuses of boxes. */
export class BoxStatusReader {
  readonly #items: Pick<Rows, "getAll">;
  readonly #unreadable: LogOnce;

  constructor(items: Pick<Rows, "getAll">, log: Log) {
    this.#items = items;
    this.#unreadable = new LogOnce(log, "the last status of a box cannot be read, and counts as missing");
  }

  /** The last statuses of these boxes, one of each kind, in any order. Results of commands and broken ones are left out. */
  async of(boxes: readonly string[]): Promise<BoxStatusRecord[]> {
    const pks = boxes.flatMap((box) => shownKinds.map((kind) => statuses.pk(idOf(box, kind))));
    return [...(await this.#items.getAll(pks)).values()].flatMap((item) => {
      try {
        return [statuses.read(item)];
      } catch (cause) {
        this.#unreadable.error(String(cause), { cause });
        return [];
      }
    });
  }
}

interface ErasedPerson {
  person: string;
  /** Null: of every box. */
  box: string | null;
  /** Statuses that were received at this time or later are kept, ms. */
  before?: number;
}

/**
 * Removes the statuses that name a person. A broken one is also removed, because no one can read whom it names; the box
 * sends the next one.
 */
export async function eraseStatuses(
  { person, box, before = Number.POSITIVE_INFINITY }: ErasedPerson,
  { items, log }: { items: Pick<Items, "entries" | "getAll" | "remove">; log: Log },
): Promise<void> {
  const eraseOne = async (item: Item) => {
    const pk = String(item["pk"]);
    try {
      const { receivedAt, report } = parseStored(erased, item, pk);
      if (receivedAt >= before || !tellsOf(report, person)) return;
    } catch (cause) {
      log.warn("a box status that is broken was erased", { cause });
    }
    // A status that the box has sent since is kept.
    await items.remove(pk, asRead(item, ["receivedAt"]));
  };
  for await (const pks of batchesOf(box, items)) {
    const found = await items.getAll(pks);
    await Promise.all([...found.values()].map(eraseOne));
  }
}

/**
 * The change after which a status was received at another time (ms). Null if the time stays, or the item is broken.
 *
 * @param received the new time of a status that was received at `receivedAt`; null: it stays as it is
 */
export function redatedStatus(
  item: Item,
  received: (receivedAt: number) => number | null,
  lifetime: number,
): Change | null {
  try {
    const { box, kind, receivedAt } = statuses.read(item);
    const at = received(receivedAt);
    if (at === null) return null;
    return statuses.change(idOf(box, kind), {
      set: { receivedAt: at, ttl: ttlAt(at + lifetime) },
      when: asRead(item, ["receivedAt"]),
    });
  } catch (error) {
    if (error instanceof BrokenRow) return null;
    throw error;
  }
}

async function* batchesOf(box: string | null, items: Pick<Items, "entries">): AsyncGenerator<string[]> {
  if (box !== null) return yield boxStatusKinds.map((kind) => statuses.pk(idOf(box, kind)));
  let pks: string[] = [];
  for await (const { pk } of items.entries({ lists: [everyStatus], order: "ascending" })) {
    if (pks.push(pk) < batchSize) continue;
    yield pks;
    pks = [];
  }
  yield pks;
}

function idOf(box: string, kind: BoxStatusRecord["kind"]): string {
  return `${kind} ${box}`;
}
