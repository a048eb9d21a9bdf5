import { hash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { eventSchema, type FaceEvent } from "@gatepost/protocol";
import * as z from "zod";
import type { Gate } from "./gate.ts";

/** The content of a data folder, as a Gatepost shows it. */
export interface Shown {
  events: FaceEvent[];
  /** The faults of pictures, by the event's id. */
  badPictures: Map<string, string[]>;
  /** Which keys open something. */
  tokens: Map<string, boolean>;
}

const page = z.object({ events: z.array(eventSchema), next: z.string().nullable() });

/** Asks for all events and all their pictures, and tries keys. */
export async function look(gate: Gate, tokens: readonly string[]): Promise<Shown> {
  const events: FaceEvent[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const { status, body } = await gate.ask({ path: `/v1/events?limit=200${cursor}` });
    if (status !== 200) throw new Error(`the list of events was answered ${status}: ${body}`);
    const found = page.parse(JSON.parse(body.toString()));
    events.push(...found.events);
    cursor = found.next === null ? null : `&cursor=${encodeURIComponent(found.next)}`;
  }
  const badPictures = new Map<string, string[]>();
  for (const event of events) badPictures.set(event.id, await badPicturesOf(event, gate));
  const opens = new Map<string, boolean>();
  for (const token of tokens) opens.set(token, await doesOpen(token, gate));
  return { events, badPictures, tokens: opens };
}

async function badPicturesOf({ pictures }: FaceEvent, gate: Gate): Promise<string[]> {
  const bad: string[] = [];
  for (const [kind, { href, sha256 }] of Object.entries(pictures)) {
    const { status, body } = await gate.ask({ path: href });
    if (status !== 200) bad.push(`${kind} is answered ${status}`);
    else if (hash("sha256", body) !== sha256) bad.push(`${kind} has other bytes`);
  }
  return bad;
}

async function doesOpen(token: string, gate: Gate): Promise<boolean> {
  const isBox = token.startsWith("gpi_");
  const { status } = await gate.ask(isBox ? { path: `/${token}/` } : { path: "/v1/events?limit=1", token });
  return status === 200;
}

/** The content of the tables, beside the API's answers. */
export interface Stored {
  faults: string[];
  /** SHA-256 of each body in quarantine. */
  quarantine: string[];
  statuses: { box: string; report: string }[];
  actions: { id: string; state: string; wantAction: string }[];
  /** In the order in which they were put. */
  deliveries: { rule: string; entryId: string; state: string }[];
  /** The ids of events in the order of storing, and the ids of events that wait to be announced. */
  events: string[];
  outbox: string[];
  keys: number;
}

const quarantined = z.object({ body: z.instanceof(Uint8Array) });
const statusRow = z.object({ box: z.string(), report: z.string() });
const actionRow = z.object({ id: z.string(), state: z.string(), wantAction: z.string() });
const deliveryRow = z.object({ rule: z.string(), entryId: z.string(), state: z.string() });
const idRow = z.object({ id: z.string() });
const countRow = z.object({ count: z.int() });

/** Reads the tables of a data folder that no process has open, and whether the database is sound. */
export function readTables(data: string): Stored {
  const database = new DatabaseSync(join(data, "gatepost.db"), { readOnly: true });
  try {
    const rows = <T>(sql: string, row: z.ZodType<T>) =>
      database
        .prepare(sql)
        .all()
        .map((found) => row.parse(found));
    const sound = JSON.stringify(database.prepare("PRAGMA integrity_check").all());
    const dangling = database.prepare("PRAGMA foreign_key_check").all();
    return {
      faults: [
        ...(sound === '[{"integrity_check":"ok"}]' ? [] : [`the database is damaged: ${sound}`]),
        ...(dangling.length === 0 ? [] : [`rows refer to nothing: ${JSON.stringify(dangling)}`]),
      ],
      quarantine: rows("SELECT body FROM quarantine", quarantined).map(({ body }) => hash("sha256", body)),
      statuses: rows("SELECT box, report FROM notices", statusRow),
      actions: rows(`SELECT id, state, want_action AS "wantAction" FROM actions`, actionRow),
      deliveries: rows(`SELECT rule, entry_id AS "entryId", state FROM deliveries ORDER BY id`, deliveryRow),
      events: rows("SELECT id FROM events ORDER BY made", idRow).map(({ id }) => id),
      outbox: rows("SELECT id FROM event_outbox JOIN events USING (made)", idRow).map(({ id }) => id),
      keys: rows("SELECT count(*) AS count FROM keys", countRow)[0]?.count ?? 0,
    };
  } finally {
    database.close();
  }
}
