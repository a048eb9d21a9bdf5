import type { Event } from "./schema.ts";
import type { EventFilter } from "./shapes.ts";

/** Operations that the console is written for and the document does not describe yet, in the same form. */
export interface Planned {
  "GET /v1/people": { query: { id: string }; body: undefined; answer: People };
  "POST /v1/jobs": { query: None; body: JobWish; answer: Job };
  "GET /v1/jobs/{id}": { query: None; body: undefined; answer: Job };
  "DELETE /v1/jobs/{id}": { query: None; body: undefined; answer: undefined };
}

type None = Record<never, never>;
type PersonType = Event["person"]["type"];

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
