import { randomUUID } from "node:crypto";
import type { EventIndex, Key, KeyStore, PictureStore, Quarantine, QuarantineRecord, Upsert } from "@gatepost/ingest";
import { GatepostError } from "@gatepost/ingest";
import { fill, merge, type Picture, type PictureKind, type StoredEvent } from "@gatepost/protocol";
import {
  type Change,
  type ChangeFeed,
  type DeviceReader,
  type EventEraser,
  type EventFilter,
  type EventReader,
  type KeyAdmin,
  type KeyListing,
  matches,
  type Page,
  type PageRequest,
  type PictureReader,
  type QuarantineReader,
  type TicketStore,
} from "@gatepost/query";

/** The stores of one machine in memory, with the promises of their ports. */
export class MemoryKeys implements KeyStore, KeyAdmin {
  readonly #keys = new Map<string, KeyListing & { tokenHash: string }>();

  async find(tokenHash: string): Promise<Key | null> {
    const key = [...this.#keys.values()].find((one) => one.tokenHash === tokenHash && one.revokedAt === null);
    return key === undefined ? null : { id: key.id, scope: key.scope, box: key.box };
  }

  async create({ scope, box, tokenHash }: Parameters<KeyAdmin["create"]>[0]): Promise<Key> {
    const id = `key_${randomUUID()}`;
    const createdAt = new Date().toISOString();
    this.#keys.set(id, { id, scope, box, tokenHash, createdAt, lastUsedAt: null, revokedAt: null });
    return { id, scope, box };
  }

  async list(): Promise<KeyListing[]> {
    return [...this.#keys.values()].map(({ tokenHash: _, ...key }) => key);
  }

  async revoke(id: string): Promise<boolean> {
    const key = this.#keys.get(id);
    if (key !== undefined) key.revokedAt ??= new Date().toISOString();
    return key !== undefined;
  }
}

export class MemoryPictures implements PictureStore, PictureReader {
  readonly #bytes = new Map<string, Buffer>();

  async put(month: string, kind: PictureKind, { sha256, data }: Picture): Promise<void> {
    this.#bytes.set(this.address(month, kind, sha256).key, data);
  }

  async get(month: string, kind: PictureKind, sha256: string): Promise<Buffer | null> {
    return this.#bytes.get(this.address(month, kind, sha256).key) ?? null;
  }

  address(month: string, kind: PictureKind, sha256: string) {
    return { bucket: null, key: `${month}/${kind}/${sha256}` };
  }

  clear(): void {
    this.#bytes.clear();
  }
}

interface HeldEvent extends Change {
  signatures: Map<string, string>;
}

export class MemoryEvents implements EventIndex, EventReader, ChangeFeed, EventEraser, DeviceReader {
  readonly #events = new Map<string, HeldEvent>();
  #changes = 0;

  async upsert({ eventId: id, box, isSecondFace, report, fingerprint, action, replaces }: Upsert) {
    const known = this.#events.get(id);
    const now = `${this.#changes + 1}`.padStart(9, "0");
    const { event, signatures, made, changed } = known ?? {
      event: { id, box, isSecondFace, reports: [], actions: [] },
      signatures: new Map(),
      made: now,
      changed: now,
    };
    const held = signatures.get(report.kind);
    const heldReport = event.reports.find((one) => one.kind === report.kind);
    const brought = heldReport === undefined ? report : fill(heldReport, report);
    if (held !== undefined && held !== fingerprint && held !== replaces) {
      return { outcome: "conflict", enqueued: false, event: null } as const;
    }
    const enqueues = action !== null && !event.actions.some((one) => one.id === action.id);
    const others = event.reports.filter((one) => one.kind !== report.kind);
    const isRepetition = brought === null;
    const next = {
      ...event,
      reports: brought === null ? event.reports : [...others, brought],
      actions: enqueues ? [...event.actions, action] : event.actions,
    };
    const isChange = !isRepetition || enqueues;
    if (isChange) this.#changes += 1;
    this.#events.set(id, {
      event: next,
      signatures: new Map(signatures).set(report.kind, fingerprint),
      made,
      changed: isChange ? now : changed,
    });
    const joined = held === undefined ? "merged" : "filled";
    const outcome = known === undefined ? "created" : isRepetition ? "duplicate" : joined;
    return { outcome, enqueued: enqueues, event: enqueues || known === undefined ? next : null } as const;
  }

  async get(id: string): Promise<StoredEvent | null> {
    return this.#events.get(id)?.event ?? null;
  }

  async read(after: string | null, limit: number) {
    const all = [...this.#events.values()].sort((a, b) => (a.changed < b.changed ? -1 : 1));
    const rest = all.filter(({ changed }) => changed > (after ?? ""));
    const items = rest.slice(0, limit);
    return { items, next: items.at(-1)?.changed ?? after ?? "", isEnd: rest.length <= limit };
  }

  async madeAt(id: string): Promise<string | null> {
    return this.#events.get(id)?.made ?? null;
  }

  async eraseEvent(id: string): Promise<boolean> {
    return this.#events.delete(id);
  }

  async erasePerson(person: string, box: string | null): Promise<number> {
    const shown = [...this.#events.values()].map(({ event }) => merge(event));
    const theirs = shown.filter((event) => matches(event, { person, ...(box === null ? {} : { box }) }));
    for (const { id } of theirs) this.#events.delete(id);
    return theirs.length;
  }

  async devices(): Promise<string[]> {
    const shown = [...this.#events.values()].map(({ event }) => merge(event).device);
    return [...new Set(shown.flatMap(({ id, endpoint, ip }) => id ?? endpoint ?? ip ?? []))];
  }

  async list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>> {
    const events = [...this.#events.values()].map(({ event }) => ({ event, shown: merge(event) }));
    const found = events.filter(({ shown }) => matches(shown, filter));
    const items = found.map(({ event, shown }) => ({ item: event, at: shown.timestamp, id: shown.id }));
    return paged(items, page);
  }

  async actions(state: string | null, page: PageRequest) {
    const actions = [...this.#events.values()].flatMap(({ event: { id: eventId, box, actions } }) =>
      actions.map((action) => ({ item: { ...action, eventId, box }, at: Date.parse(action.at), id: action.id })),
    );
    return paged(
      actions.filter(({ item }) => state === null || item.state === state),
      page,
    );
  }
}

export class MemoryTickets implements TicketStore {
  readonly #kept = new Map<string, string>();

  async issue(ticketHash: string, tokenHash: string): Promise<void> {
    this.#kept.set(ticketHash, tokenHash);
  }

  async redeem(ticketHash: string): Promise<string | null> {
    const tokenHash = this.#kept.get(ticketHash) ?? null;
    this.#kept.delete(ticketHash);
    return tokenHash;
  }
}

export class MemoryQuarantine implements Quarantine, QuarantineReader {
  readonly #records = new Map<string, QuarantineRecord>();

  async put(record: QuarantineRecord): Promise<void> {
    const { reason, event } = record;
    this.#records.set(record.id, { ...(this.#records.get(record.id) ?? record), reason, event });
  }

  async list(box: string | null, page: PageRequest) {
    const records = [...this.#records.values()].filter((record) => box === null || record.box === box);
    const items = records.map(({ body, ...record }) => ({
      item: { ...record, bytes: body.length },
      at: record.receivedAt,
      id: record.id,
    }));
    return paged(items, page);
  }

  async get(id: string): Promise<QuarantineRecord | null> {
    return this.#records.get(id) ?? null;
  }

  async remove(id: string): Promise<void> {
    this.#records.delete(id);
  }

  async dropped(): Promise<Record<string, number>> {
    return { "gate-9": 3 };
  }
}

/** Newest first; the cursor is the last item's place in that order. */
function paged<Item>(all: { item: Item; at: number; id: string }[], { limit, cursor }: PageRequest): Page<Item> {
  const place = ({ at, id }: { at: number; id: string }) => `${String(at + 1e15).padStart(17, "0")} ${id}`;
  if (cursor !== null && !/^\d{17} \w+$/.test(cursor)) throw new GatepostError("bad-request", "not a cursor of mine");
  const rest = all
    .sort((a, b) => (place(a) < place(b) ? 1 : -1))
    .filter((one) => cursor === null || place(one) < cursor);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(({ item }) => item), next: rest.length > limit && last ? place(last) : null };
}
