import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LocalHours, newRecord, noted, summed } from "@gatepost/core/boxes";
import { halfHourMs } from "@gatepost/core/zones";
import { openRuntime, type Runtime, serve } from "@gatepost/embedded";
import { hourMs } from "@gatepost/protocol";
import { quiet } from "./log.ts";
import { median } from "./ratio.ts";

/*
 * How long GET /v1/boxes takes with fifty boxes and a year of half-hours, against the same of an empty store: less than
 * twenty times as long, or it ends with exit code 1.
 *
 *   node bench/boxes.ts
 */

const boxes = 50;
const halfHours = 365 * 48;
const types = ["employee", "stranger"];
const rounds = 300;
const maxRatio = 20;

const now = Date.UTC(2026, 10, 20, 12, 10);

const open = (data: string) => openRuntime({ data, clock: () => now, zone: "UTC", log: quiet });

/** Fifty boxes that have sent for a year, each with its rhythm, its notices and its counts. */
function fill(file: string): void {
  const database = new DatabaseSync(file);
  const hours = new LocalHours("UTC");
  const reception = { since: 0, until: now, gaps: [] };
  const columns = Array.from({ length: 20 }, (_, bucket) => `match_${bucket}`).join(", ");
  const count = database.prepare(
    `INSERT INTO half_hours (box, start, type, count, ${columns}) VALUES (?, ?, ?, ?${", 0".repeat(20)})`,
  );
  const pauses = database.prepare(
    "INSERT INTO items (pk, item) VALUES ('pauses ' || ?, json_object('pauses', ?, 'rev', 1))",
  );
  const status = database.prepare(
    "INSERT INTO items (pk, item) VALUES ('notice status ' || ?1, json_object('box', ?1, 'kind', 'status', 'receivedAt', ?2, 'report', ?3))",
  );
  const put = database.prepare(
    `INSERT INTO items (pk, by_time, at, item)
     VALUES ('box ' || ?1, 'boxes', printf('%013d r%s', ?2, ?1), json_object('record', ?3, 'rev', 1))`,
  );
  const last = Math.floor(now / halfHourMs) * halfHourMs;
  database.exec("BEGIN");
  for (let number = 0; number < boxes; number += 1) {
    const box = `gate-${number}`;
    for (let back = 0; back < halfHours; back += 1) {
      for (const type of types) count.run(box, last - back * halfHourMs, type, (back * 7 + number) % 30);
    }
    const device = (of: number) => ({
      id: `S__10.0.${number}.${of}`,
      endpoint: `S__10.0.${number}.${of}`,
      name: null,
      ip: `10.0.${number}.${of}`,
      type: null,
    });
    const hoursBack = Array.from({ length: 5 * 168 }, (_, back) => hours.hourOf(now - back * hourMs));
    const longest = JSON.stringify([Math.min(...hoursBack), ...hoursBack.map(() => 60_000)]);
    const devices = [1, 2].map((of) => createHash("sha256").update(device(of).id).digest("hex"));
    for (const of of [box, ...devices.map((hash) => `${box} ${hash}`)]) pauses.run(of, longest);
    const signs = [1, 2].map((of) => ({
      box,
      receivedAt: now - of * 1000,
      kind: "history" as const,
      dialect: "history-flat" as const,
      sentAt: now - of * 2000,
      isFlagged: false,
      device: device(of),
    }));
    const sum = summed(signs.reverse(), hours).get(box);
    if (sum === undefined) throw new Error("no sign");
    const record = noted(newRecord(box), sum, { hours, reception, now });
    put.run(box, now + hourMs, JSON.stringify(record));
    const sub_devices = [1, 2].map((of) => ({ ep_id: device(of).id, ep_ip: device(of).ip, ep_status: "online" }));
    const about = { gateway_sn: box, gateway_ext_data: { temperature: 61 }, sub_devices };
    status.run(box, now, JSON.stringify(about));
  }
  database.exec("COMMIT");
  database.close();
}

/** Asks a runtime again and again for its boxes. */
async function asking(runtime: Runtime) {
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  const headers = { authorization: `Bearer ${runtime.adminToken}` };
  return {
    /** ms of one answer, and how many boxes are in it. */
    async ask(): Promise<{ ms: number; shown: number }> {
      const begin = performance.now();
      const answer = await fetch(`http://127.0.0.1:${served.port}/v1/boxes`, { headers });
      const { boxes: listed } = (await answer.json()) as { boxes: unknown[] };
      return { ms: performance.now() - begin, shown: listed.length };
    },
    async close() {
      await served.close();
      await runtime.close();
    },
  };
}

const folder = await mkdtemp(join(tmpdir(), "gatepost-boxes-"));
const empty = await asking(await open(join(folder, "empty")));
await (await open(join(folder, "full"))).close();
fill(join(folder, "full", "gatepost.db"));
const full = await asking(await open(join(folder, "full")));
const [ofEmpty, ofFull]: [number[], number[]] = [[], []];
// In turns, so that other load on the machine slows down both.
for (let round = 0; round < rounds; round += 1) {
  ofEmpty.push((await empty.ask()).ms);
  const { ms, shown } = await full.ask();
  if (shown !== boxes) throw new Error(`${shown} boxes are shown`);
  ofFull.push(ms);
}
for (const one of [empty, full]) await one.close();
await rm(folder, { recursive: true });

const ratio = median(ofFull) / median(ofEmpty);
process.stdout.write(
  `empty store ${median(ofEmpty).toFixed(2)} ms; ${boxes} boxes with ${boxes * halfHours * types.length} counted ` +
    `half-hours ${median(ofFull).toFixed(2)} ms: ${ratio.toFixed(1)} times\n`,
);
if (ratio >= maxRatio) process.exitCode = 1;
