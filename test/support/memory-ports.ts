import {
  AuthRateLimiter,
  type BoxStatusRecord,
  type EnqueuedAction,
  hashToken,
  type Key,
  newToken,
  type Ports,
  type QuarantineRecord,
  type Upsert,
  type Written,
} from "@gatepost/ingest";
import {
  answerSettlement,
  type BusEntry,
  type EventAction,
  type FaceEvent,
  fill,
  isLeasable,
  mayBecome,
  merge,
  type Report,
  type StoredEvent,
  settlementOf,
} from "@gatepost/protocol";
import { received } from "./reports.ts";

export type FailingPort = "keys" | "pictures" | "index" | "quarantine" | "actions" | "bus" | "health";

interface HeldEvent {
  box: string;
  isSecondFace: boolean;
  reports: Map<Report["kind"], { report: Report; fingerprint: string }>;
  actions: EventAction[];
  expiresAt: number;
}

interface LogLine {
  level: "info" | "warn" | "error";
  message: string;
  facts: Record<string, unknown> | undefined;
}

/** The ports of ingest in memory, true to the promises in ports.ts but that nothing of it outlives the test. */
export class MemoryPorts implements Ports {
  /** The ports that throw, each with what it throws. */
  readonly failing = new Map<FailingPort, Error>();
  readonly pictureMonths = new Map<string, Map<string, Buffer>>();
  readonly records = new Map<string, QuarantineRecord>();
  readonly boxStatuses = new Map<string, BoxStatusRecord>();
  readonly announced: BusEntry[] = [];
  readonly lines: LogLine[] = [];
  /** Every answer of the index, in order. */
  readonly written: Written[] = [];
  readonly #events = new Map<string, HeldEvent>();
  readonly #keys = new Map<string, Key>();
  readonly #leases = new Map<string, number>();
  now = received;
  settings = { retentionDays: 30, keepFeatures: false, openBox: null as string | null, announceEvents: false };

  readonly clock = () => this.now;
  readonly authRateLimiter = new AuthRateLimiter(this.clock);

  readonly log: Ports["log"] = {
    info: (message, facts) => this.#log("info", message, facts),
    warn: (message, facts) => this.#log("warn", message, facts),
    error: (message, facts) => this.#log("error", message, facts),
  };

  readonly keys: Ports["keys"] = {
    find: async (tokenHash) => {
      this.#failWhereAsked("keys");
      return this.#keys.get(tokenHash) ?? null;
    },
  };

  readonly pictures: Ports["pictures"] = {
    put: async (month, _kind, { sha256, data }) => {
      this.#failWhereAsked("pictures");
      const known = this.pictureMonths.get(month) ?? new Map<string, Buffer>();
      this.pictureMonths.set(month, known);
      if (!known.has(sha256)) known.set(sha256, Buffer.from(data));
    },
    address: (month, kind, sha256) => ({ bucket: null, key: `${month}/${kind}/${sha256}` }),
  };

  readonly index: Ports["index"] = {
    upsert: async (entry) => {
      this.#failWhereAsked("index");
      const written = this.#upsert(entry);
      this.written.push(written);
      return written;
    },
  };

  readonly actions: Ports["actions"] = {
    markAnnounced: async (actionId) => {
      this.#failWhereAsked("actions");
      const { action } = this.#find(actionId) ?? {};
      if (action !== undefined && mayBecome(action.state, "announced"))
        Object.assign(action, { state: "announced", at: this.#instant() });
    },
    withhold: async (actionId, reason) => {
      this.#failWhereAsked("actions");
      const { action } = this.#find(actionId) ?? {};
      if (action !== undefined && mayBecome(action.state, "withheld"))
        Object.assign(action, { state: "withheld", reason, at: this.#instant() });
    },
    lease: async ({ before, until, limit }) => {
      this.#failWhereAsked("actions");
      const free = this.#enqueued().filter(({ action }) => {
        const heldUntil = this.#leases.get(action.id) ?? 0;
        return isLeasable({ ...action, heldUntil }, { before, now: this.now });
      });
      const taken = free.slice(0, limit);
      for (const { action } of taken) this.#leases.set(action.id, until);
      return taken.map(asStored);
    },
    settle: async (actionId, state, note) => {
      this.#failWhereAsked("actions");
      const { action } = this.#find(actionId) ?? {};
      const said = settlementOf(state, note);
      const { answer, isNews } = answerSettlement(action ?? null, said);
      if (action !== undefined && isNews) Object.assign(action, { ...said, at: this.#instant() });
      return answer;
    },
  };

  readonly bus: Ports["bus"] = {
    put: async (entry) => {
      this.#failWhereAsked("bus");
      this.announced.push(asStored(entry));
    },
  };

  readonly quarantine: Ports["quarantine"] = {
    put: async (record) => {
      this.#failWhereAsked("quarantine");
      const { reason, event } = record;
      const known = this.records.get(record.id);
      this.records.set(
        record.id,
        known === undefined ? { ...record, body: Uint8Array.from(record.body) } : { ...known, reason, event },
      );
    },
  };

  readonly boxStatus: NonNullable<Ports["boxStatus"]> = {
    put: async (boxStatus) => {
      this.#failWhereAsked("health");
      const key = `${boxStatus.box} ${boxStatus.kind}`;
      const since = this.boxStatuses.get(key)?.receivedAt ?? 0;
      if (since <= boxStatus.receivedAt) this.boxStatuses.set(key, asStored(boxStatus));
    },
  };

  /** Makes a key and returns its token. */
  addKey(scope: Key["scope"] = "ingest", box: string | null = "gate-1"): string {
    const token = newToken(scope);
    this.#keys.set(hashToken(token), { id: `key-${this.#keys.size + 1}`, scope, box });
    return token;
  }

  revoke(token: string): void {
    this.#keys.delete(hashToken(token));
  }

  /** The event as a store holds it; null where it is unknown or expired. */
  get(id: string): StoredEvent | null {
    const held = this.#events.get(id);
    return held === undefined || held.expiresAt <= this.now ? null : storedEvent(id, held);
  }

  /** The events as a reader gets them, in the order in which they were made. */
  events(): FaceEvent[] {
    return [...this.#events.keys()].flatMap((id) => this.get(id) ?? []).map(merge);
  }

  /** The reasons of what is in quarantine, in the order in which it came. */
  reasons(): string[] {
    return [...this.records.values()].map((record) => record.reason);
  }

  /** Every picture that is stored. */
  storedPictures(): Buffer[] {
    return [...this.pictureMonths.values()].flatMap((month) => [...month.values()]);
  }

  /** All that is stored or logged, as one text to search for what must not be in it. */
  everything(): string {
    const bodies = [...this.records.values()].map(({ body }) => Buffer.from(body).toString("latin1"));
    return (
      JSON.stringify([
        this.events(),
        [...this.records.values()],
        [...this.boxStatuses.values()],
        this.announced,
        this.lines,
      ]) + bodies.join()
    );
  }

  #log(level: LogLine["level"], message: string, facts: LogLine["facts"]): void {
    this.lines.push({ level, message, facts });
  }

  #instant(): string {
    return new Date(this.now).toISOString();
  }

  #failWhereAsked(port: FailingPort): void {
    const error = this.failing.get(port);
    if (error !== undefined) throw error;
  }

  #enqueued(): EnqueuedAction[] {
    const live = [...this.#events].filter(([, { expiresAt }]) => expiresAt > this.now);
    return live.flatMap(([id, held]) => held.actions.map((action) => ({ action, event: storedEvent(id, held) })));
  }

  #find(actionId: string): EnqueuedAction | undefined {
    return this.#enqueued().find(({ action }) => action.id === actionId);
  }

  #upsert(entry: Upsert): Written {
    const { eventId, fingerprint, replaces, report } = entry;
    const known = this.#events.get(eventId);
    const isNew = known === undefined || known.expiresAt <= entry.now;
    const held = isNew ? this.#create(entry) : known;
    const sameKind = held.reports.get(report.kind);
    if (sameKind !== undefined && sameKind.fingerprint !== fingerprint && sameKind.fingerprint !== replaces) {
      return { outcome: "conflict", enqueued: false, event: null };
    }
    const brought = sameKind === undefined ? report : fill(sameKind.report, report);
    const isRepeat = brought === null;
    if (brought !== null) held.reports.set(report.kind, { report: asStored(brought), fingerprint });
    const enqueued = enqueue(held, entry.action);
    const event = isNew || enqueued ? storedEvent(eventId, held) : null;
    const outcome = isNew ? "created" : isRepeat ? "duplicate" : sameKind === undefined ? "merged" : "filled";
    return { outcome, enqueued, event };
  }

  #create({ eventId, box, isSecondFace, expiresAt }: Upsert): HeldEvent {
    const held: HeldEvent = { box, isSecondFace, reports: new Map(), actions: [], expiresAt };
    this.#events.set(eventId, held);
    return held;
  }
}

function enqueue(held: HeldEvent, action: EventAction | null): boolean {
  if (action === null || held.actions.some(({ wantAction }) => wantAction === action.wantAction)) return false;
  held.actions.push(asStored(action));
  return true;
}

function storedEvent(id: string, { box, isSecondFace, reports, actions }: HeldEvent): StoredEvent {
  return { id, box, isSecondFace, reports: [...reports.values()].map(({ report }) => report), actions: [...actions] };
}

/** What a store gives back of what it was given: JSON. */
function asStored<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}
