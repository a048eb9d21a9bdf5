import type { Event } from "./schema.ts";
import type { EventFilter } from "./shapes.ts";

/** Operations that the console is written for and the document does not describe yet, in the same form. */
export interface Planned {
  "GET /v1/boxes": { query: Paging; body: undefined; answer: { boxes: BoxHealth[]; next?: string | null } };
  "GET /v1/boxes/{id}": { query: None; body: undefined; answer: BoxHealth };
  "PATCH /v1/boxes/{id}": { query: None; body: { silence: SilenceWish }; answer: BoxHealth };
  "GET /v1/boxes/{id}/arrivals": { query: { after?: string }; body: undefined; answer: Arrivals };
  "GET /v1/rules": { query: None; body: undefined; answer: Rules };
  "PUT /v1/rules/{name}": { query: None; body: RuleWish; answer: Rule };
  "DELETE /v1/rules/{name}": { query: None; body: undefined; answer: undefined };
  "POST /v1/rules/try": { query: None; body: { pattern: unknown; last: number }; answer: RuleTrial };
  "POST /v1/rules/{name}/ping": {
    query: None;
    body: undefined;
    answer: { status: number | null; ms: number; reason: string | null };
  };
  "GET /v1/people": { query: { id: string }; body: undefined; answer: People };
  "POST /v1/jobs": { query: None; body: JobWish; answer: Job };
  "GET /v1/jobs/{id}": { query: None; body: undefined; answer: Job };
  "DELETE /v1/jobs/{id}": { query: None; body: undefined; answer: undefined };
  "GET /v1/retention": { query: None; body: undefined; answer: Retention & { isEditable: boolean } };
}

type None = Record<never, never>;
type Paging = { limit?: number; cursor?: string };
type PersonType = Event["person"]["type"];

export interface Retention {
  eventDays: number;
  quarantineDays: number;
}

export interface BoxHealth {
  id: string;
  state: "new" | "reports" | "silent";
  since: string | null;
  firstSeen: string | null;
  lastSeen: string | null;
  kinds: { kind: string; dialect: string; lastSeen: string; today: number; lagMs: number | null }[];
  silence: { afterMs: number | null; usualMs: number | null; isOverride: boolean; isExpected: boolean };
  rhythm: { by: string; from: string; counts: number[]; usual: number[] } | null;
  clock: { skewMs: number } | null;
  flagged: { rate: number } | null;
  refused: Record<string, number | string> | null;
  about: {
    model?: string | null;
    firmware?: string | null;
    name?: string | null;
    ip?: string | null;
    serial?: string | null;
    via?: string | null;
    temperature?: number | null;
    diskFreeBytes?: number | null;
    memoryRate?: number | null;
  } | null;
  devices: {
    id: string;
    name: string | null;
    ip: string | null;
    type: string | null;
    direction: "in" | "out" | null;
    isOnline: boolean | null;
    lastSeen: string | null;
  }[];
}

/** `afterMs` null: by its rhythm again. */
type SilenceWish = { afterMs: number | null } | { isExpected: boolean };

export interface Arrivals {
  arrivals: {
    at: string;
    path: string;
    bytes: number;
    from: string;
    outcome: "event" | "quarantined" | "refused";
    quarantine?: string;
    reason?: string;
    event?: string;
    kind?: string;
    status?: number;
  }[];
  wrongKeys: { at: string; from: string; path: string }[] | null;
}

export interface QuarantineRecord {
  id: string;
  box: string;
  path: string;
  reason: string;
  receivedAt: string;
  headers: { [name: string]: string };
  event: { id: string } | null;
  bytes: number;
}

export interface QuarantineGroup {
  reason: string;
  box: string;
  path: string;
  count: number;
  bytes: number;
  first: string;
  last: string;
}

export interface Rule {
  name: string;
  line?: number;
  pattern: unknown;
  target: { url: string; headers: string[]; isSigned: boolean; allowPrivate: boolean };
  waiting: number;
  dead: number;
  last: { at: string; status: number | null; ms: number } | null;
}

interface Rules {
  etag: string;
  rules: Rule[];
  faults: { rule: string | null; line: number | null; reason: string }[];
}

interface RuleWish {
  pattern: unknown;
  target: { url: string; allowPrivate: boolean; secret?: string };
}

interface RuleTrial {
  tried: number;
  matched: number;
  events: {
    event: string;
    detailType: string;
    matches: boolean;
    why: { path: string; holds: boolean; is: string; wants: string }[];
  }[];
}

export interface FoundPerson {
  box: string;
  id: string;
  names: string[];
  type: PersonType;
  events: number;
  pictures: number;
  quarantine: number;
  first: string;
  last: string;
  latest: string | null;
}

interface People {
  people: FoundPerson[];
  suppressedSince: string | null;
}

type JobWish =
  | { kind: "erase"; person: string; boxes: string[] }
  | { kind: "replay"; reason?: string; box?: string; path?: string }
  | { kind: "export"; format: "csv" | "json"; filter: EventFilter; columns?: string[] }
  | { kind: "seen"; filter: EventFilter };

export interface Job {
  id: string;
  kind: "erase" | "replay" | "export" | "seen";
  state: "waiting" | "running" | "done" | "failed" | "stopped";
  done: number;
  of: number | null;
  startedAt: string | null;
  endedAt: string | null;
  result: JobResult | null;
}

/** What a job came to: each kind has its own members. */
export interface JobResult {
  stored?: number;
  kept?: { id: string; reason: string }[] | { pictures: number };
  url?: string;
  expires?: string | null;
  events?: number;
  erased?: { events: number; pictures: number; quarantine: number; outbox: number };
  unknown?: { quarantine: number; goneBy: string | null };
  agesOut?: { what: string; goneBy: string | null }[];
  suppressed?: boolean;
  at?: string;
  by?: string;
}
