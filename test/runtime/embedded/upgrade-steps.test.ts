import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { soughtText } from "@gatepost/query";
import { expect, it } from "vitest";
import { openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { gramsOf } from "../../../packages/embedded/src/db/grams.ts";
import { boxesMigration } from "../../../packages/embedded/src/db/migrations/boxes.ts";
import { eventsInOrder } from "../../../packages/embedded/src/db/migrations/events-in-order.ts";
import { searchableTexts } from "../../../packages/embedded/src/db/migrations/searchable-texts.ts";
import { textBlocks } from "../../../packages/embedded/src/db/migrations/text-blocks.ts";
import { migrations } from "../../../packages/embedded/src/db/schema.ts";
import { TextIndex } from "../../../packages/embedded/src/events/text-index.ts";
import { openedByTests, temporaryFolder } from "./temporary.ts";

const { closers } = openedByTests();

/** A database as it was before a step of the schema, with these rows; and the same as it is after all steps. */
async function upgraded(step: string, rows: string): Promise<DatabaseSync> {
  const { path, remove } = await temporaryFolder();
  closers.push(remove);
  const file = join(path, "gatepost.db");
  const before = new DatabaseSync(file);
  before.function("gatepost_grams", { deterministic: true }, (text) => JSON.stringify(gramsOf(String(text))));
  const version = migrations.indexOf(step);
  before.exec(`${migrations.slice(0, version).join(";")}; PRAGMA user_version = ${version}; ${rows}`);
  before.close();
  const database = openDatabase(file);
  closers.push(async () => database.close());
  return database;
}

const event = (id: string, revision: number) => `
  INSERT INTO events (id, box, is_twin, expires_at, revision, time, person_type, search, made)
    VALUES ('${id}', 'gate-1', 0, 9000, ${revision}, 500, 'stranger', '', ${revision});`;

const delivery = (id: number, of: string | null, state: string) => `
  INSERT INTO deliveries (id, rule, entry_id, detail_type, event_id, state, envelope, since, due_at, tries, reason,
      ended_at, is_aside, refusals, refused_at, tried_with, is_too_late)
    VALUES (${id}, 'door', 'entry-${id}', 'passed', ${of === null ? "NULL" : `'${of}'`}, '${state}', '{"of":${id}}',
      1, 2, 3, 'said no', 4, 1, 5, 6, 'digest', 1);`;

const asDelivered = (id: number, of: string | null, state: string) => ({
  ...{ id, rule: "door", entry_id: `entry-${id}`, detail_type: "passed", event_id: of, state },
  ...{ envelope: `{"of":${id}}`, since: 1, due_at: 2, tries: 3, reason: "said no", ended_at: 4, is_aside: 1 },
  ...{ refusals: 5, refused_at: 6, tried_with: "digest", is_too_late: 1 },
});

/** The last entry of all went with its event. Its number is not used again. */
const goneEntry = `${delivery(9, "one", "waiting")} DELETE FROM deliveries WHERE id = 9;`;

function nextDelivery(database: DatabaseSync): unknown {
  return database
    .prepare(
      `INSERT INTO deliveries (rule, entry_id, detail_type, state, since, due_at)
       VALUES ('door', 'next', 'passed', 'waiting', 1, 1) RETURNING id`,
    )
    .get()?.["id"];
}

it("what waits for subscribers stays, and no number is used again, where entries of boxes came to it", async () => {
  const rows = `${event("one", 1)}${delivery(1, "one", "waiting")}${delivery(2, "one", "dead")}${goneEntry}`;
  const database = await upgraded(boxesMigration, rows);
  expect(database.prepare("SELECT * FROM deliveries ORDER BY id").all()).toMatchObject([
    asDelivered(1, "one", "waiting"),
    asDelivered(2, "one", "dead"),
  ]);
  expect(nextDelivery(database)).toBe(10);
});

it("all that is known of events stays where these were put in the order in which they were made", async () => {
  const rows = `${event("two", 2)}${event("one", 1)}
    UPDATE events SET revision = 7, device_id = 'd', endpoint = 'e', ip = 'i', person = 'p', want_action = '1001',
      other_action = '1002', match_bucket = 3 WHERE id = 'one';
    INSERT INTO reports (event_id, kind, signature, report) VALUES
      ('two', 'realtime', 's0', '{}'), ('one', 'history', 's1', '{}'), ('one', 'pass-record', 's2', '{}'),
      ('one', 'live', 's3', '{}'), ('one', 'backfill', 's4', '{}');
    INSERT INTO event_flags (event_id, flag, time) VALUES ('one', 'twin', 500);
    INSERT INTO actions (id, event_id, want_action, state, reason, at, held_until, approval, is_ordered)
      VALUES ('act', 'one', '1001', 'pending', 'why', 5, 6, '{"by":"k"}', 1);
    INSERT INTO action_changes (action_id, number, state, at, reason, key_id, decision)
      VALUES ('act', 1, 'pending', 5, 'why', 'key', 'approved');
    INSERT INTO seen (event_id, at) VALUES ('one', 42);
    ${delivery(1, "one", "waiting")}${delivery(2, null, "dead")}
    UPDATE deliveries SET status = 503, ms = 7, tried_at = 8;
    ${goneEntry}`;
  const database = await upgraded(eventsInOrder, rows);
  const all = (sql: string) => database.prepare(sql).all();
  const [first] = all("SELECT * FROM events ORDER BY made");
  expect(first).toMatchObject({
    ...{ id: "one", made: 1, revision: 7, is_indexed: 1, box: "gate-1", time: 500, expires_at: 9000, match_bucket: 3 },
    ...{ device_id: "d", endpoint: "e", ip: "i", person: "p", want_action: "1001", other_action: "1002" },
  });
  expect(all("SELECT id, signature FROM reports ORDER BY id")).toEqual([
    { id: 9, signature: "s1" },
    { id: 10, signature: "s2" },
    { id: 11, signature: "s3" },
    { id: 12, signature: "s4" },
    { id: 16, signature: "s0" },
  ]);
  expect(all("SELECT * FROM event_flags")).toEqual([{ event_id: "one", flag: "twin", time: 500 }]);
  expect(all("SELECT * FROM actions")).toMatchObject([
    { id: "act", state: "pending", reason: "why", at: 5, held_until: 6, approval: '{"by":"k"}', is_ordered: 1 },
  ]);
  expect(all("SELECT * FROM action_changes")).toEqual([
    { action_id: "act", number: 1, state: "pending", at: 5, reason: "why", key_id: "key", decision: "approved" },
  ]);
  expect(all("SELECT * FROM seen")).toEqual([{ event_id: "one", box: "gate-1", at: 42 }]);
  expect(all("SELECT * FROM deliveries ORDER BY id")).toMatchObject([
    { ...asDelivered(1, "one", "waiting"), status: 503, ms: 7, tried_at: 8 },
    { ...asDelivered(2, null, "dead"), status: 503, ms: 7, tried_at: 8 },
  ]);
  expect(nextDelivery(database)).toBe(10);
  expect(all("PRAGMA foreign_key_check")).toEqual([]);
});

it("texts of an older version are indexed in full blocks, and later ones after them", async () => {
  const texts = Array.from({ length: 1100 }, (_, at) => `(${at + 1}, 'visitor ${at + 1}')`);
  const database = await upgraded(textBlocks, `INSERT INTO texts (id, text) VALUES ${texts.join(", ")};`);
  const blocks = database.prepare(
    "SELECT block, count(DISTINCT text_id) AS texts FROM text_grams WHERE gram = 'vis' GROUP BY block",
  );
  expect(blocks.all()).toEqual([
    { block: 0, texts: 512 },
    { block: 1, texts: 512 },
  ]);
  expect(database.prepare("SELECT id FROM indexed_texts").all()).toEqual([{ id: 1024 }]);
  database.exec("DELETE FROM texts WHERE id > 512");
  expect(blocks.all()).toEqual([{ block: 0, texts: 512 }]);
});

it("events of an older version are found however a name is typed", async () => {
  const names = ["éva  müller", "eva muller", "\ue863王", "阿卜杜拉·买买提", "ada"];
  const others = Array.from({ length: 600 }, (_, at) => `visitor ${at}`);
  const texts = [...others, ...names];
  const rows = texts.map((text, at) => {
    const id = at + 1;
    return `INSERT INTO texts (id, text) VALUES (${id}, '${text}');
      INSERT INTO events (made, revision, is_indexed, id, box, is_twin, expires_at, time, person_type, search, person_text)
        VALUES (${id}, ${id}, 1, 'evt ${text}', 'gate-1', 0, 9000, 500, 'vip', '${text}\ngate-1', ${id});`;
  });
  const indexed = `UPDATE indexed_texts SET id = 512; UPDATE indexed_events SET made = ${texts.length};
    INSERT INTO text_grams SELECT 0, value, texts.id FROM texts, json_each(gatepost_grams(text)) WHERE texts.id <= 512;`;
  const database = await upgraded(searchableTexts, rows.join("") + indexed);
  const index = new TextIndex(database);
  const found = (q: string) => {
    const ids = index.textsWith(soughtText(q)) ?? [];
    const of = (id: number) => database.prepare("SELECT id FROM events WHERE person_text = ? ORDER BY made").all(id);
    const scanned = database.prepare("SELECT id FROM events WHERE instr(search, ?) > 0 ORDER BY made");
    expect(ids.flatMap(of)).toEqual(scanned.all(soughtText(q)));
    return ids.flatMap(of).map(({ id }) => String(id).slice(4));
  };
  expect(found("ÉVA MÜLLER")).toEqual(["éva  müller", "eva muller"]);
  expect(found("䶮王")).toEqual(["\ue863王"]);
  expect(found("阿卜杜拉 买买提")).toEqual(["阿卜杜拉·买买提"]);
  expect(found("Visitor 17")).toContain("visitor 17");
  expect(database.prepare("SELECT count(*) AS count FROM texts").get()).toEqual({ count: texts.length - 1 });
  database.exec("DELETE FROM texts");
  expect(database.prepare("SELECT count(*) AS count FROM text_grams").get()).toEqual({ count: 0 });
});
