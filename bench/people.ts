import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openRuntime, type Runtime, serve } from "@gatepost/embedded";
import { dayMs, hourMs, idOf, minuteMs, type Report } from "@gatepost/protocol";
import { quiet } from "./log.ts";
import { median } from "./ratio.ts";

/*
 * How long people, a person, presence and hours take with 50,000 people at 100 boxes, against the same reads with a tenth
 * of the data: ms of this machine, and the ratio. The passings are written into the tables directly.
 *
 *   npm run bench -- people
 */

const rounds = 21;
const now = Date.UTC(2026, 10, 20, 12);
const today = Math.floor(now / dayMs);
const boxes = 100;

/** Boxes 0 to 9 are the site `hq`, 10 to 19 are `east`, 20 to 29 are `new`, and the others have no site. */
const sites = {
  hq: { first: 0, people: 2000, hasDirections: true },
  east: { first: 10, people: 1000, hasDirections: true },
  new: { first: 20, people: 500, hasDirections: false },
};

const office = {
  site: "new",
  name: "Office",
  groups: ["Office"],
  start: "08:30",
  end: "17:00",
  lateAfter: 10,
  earlyBefore: 5,
  weekdays: [1, 2, 3, 4, 5],
  inWindow: ["05:00", "12:00"],
  outWindow: ["12:00", "05:00"],
  validFrom: "2026-01-01",
};

interface Amount {
  /** People at boxes without a site. */
  others: number;
  /** Days with passings of the people of `hq` before the last month. */
  days: number;
  /** Days with passings at `new`. */
  daysOfNew: number;
}

const all: Amount = { others: 47_000, days: 40, daysOfNew: 600 };
const tenth: Amount = { others: 4_700, days: 4, daysOfNew: 60 };

const reads = {
  "first rows of a search": "/v1/people?q=liu&limit=50",
  "a person": "/v1/people/gate-0/100000/days?from=2026-09-22&to=2026-11-20",
  "a person's page": "/v1/people/gate-0/100000",
  "who is inside, of 2,000": "/v1/presence?site=hq",
  "who is inside, of 500 without directions": "/v1/presence?site=new",
  "a month of 1,000": "/v1/hours?site=east&from=2026-10-01&to=2026-10-31&by=person&limit=500",
  "a month of 500 with a schedule": "/v1/hours?site=new&from=2026-10-01&to=2026-10-31&by=person&limit=500",
};

const names = ["刘芳", "王伟", "陈洋", "Ada Byron", "Ravi Menon"];

/** All people go in at eight and out at five, by a device for each direction. */
class Filling {
  readonly #database: DatabaseSync;
  readonly #event;
  /** The number of the latest event of each person at a box. */
  readonly #latest = new Map<string, number>();
  #made: number;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#made = Number(this.#database.prepare("SELECT coalesce(max(made), 0) AS made FROM events").get()?.["made"]);
    this.#event = this.#database.prepare(
      `INSERT INTO events
         (made, revision, is_indexed, id, box, is_twin, expires_at, time, ip, person, person_type, search, passing)
       VALUES (?1, ?1, 1, ?2, ?3, 0, ?4, ?5, ?6, ?7, 'employee', '', ?8)`,
    );
    this.#database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN");
  }

  day(day: number, { box, person, hasDirections = true }: { box: number; person: number; hasDirections?: boolean }) {
    for (const [direction, hour] of [["in", 8] as const, ["out", 17] as const]) {
      const time = day * dayMs + hour * hourMs + ((person * 7 + day) % 60) * minuteMs;
      if (time > now) continue;
      const made = ++this.#made;
      const key = String(person);
      const passing = JSON.stringify([
        time,
        0,
        hasDirections ? direction : null,
        key,
        names[person % names.length] ?? null,
        "Office",
        93,
        0,
      ]);
      const ip = direction === "in" ? "10.0.0.1" : "10.0.0.2";
      this.#latest.set(`${box} ${key}`, made);
      this.#event.run(made, idOf("evt", [made]), `gate-${box}`, now + 400 * dayMs, time, ip, key, passing);
    }
  }

  end(): number {
    const report = this.#database.prepare(
      "INSERT INTO reports SELECT ?1 * 8 + id % 8, fingerprint, report FROM reports WHERE id < 16",
    );
    for (const made of this.#latest.values()) report.run(made);
    this.#database.prepare("UPDATE indexed_events SET made = ?").run(this.#made);
    this.#database.prepare("UPDATE last_revision SET revision = ?").run(this.#made);
    this.#database.exec("COMMIT; ANALYZE; PRAGMA journal_mode = WAL");
    this.#database.close();
    return this.#made;
  }
}

/** An event with the report of the latest event of each person: lists and pages read it. */
async function putTemplate({ ingest }: Runtime): Promise<void> {
  const report: Report = {
    kind: "history",
    dialect: "history-nested",
    receivedAt: now,
    time: now,
    device: { ip: "10.0.0.1" },
    person: { id: "1", name: "Ada", type: "employee" },
    score: [0.93, 1],
    wantAction: "0",
  };
  await ingest.index.upsert({
    eventId: idOf("evt", [0]),
    box: "gate-99",
    isSecondFace: false,
    report,
    fingerprint: "face",
    replaces: null,
    action: null,
    isAwaited: false,
    now,
    expiresAt: now + 400 * dayMs,
  });
}

async function storeWith({ others, days, daysOfNew }: Amount) {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const opened = await openRuntime({ data, clock: () => now, log: quiet });
  const admin = { authorization: `Bearer ${opened.adminToken}`, "content-type": "application/json" };
  const first = await serve(opened, { host: "127.0.0.1", port: 0 });
  const send = async (method: string, path: string, body: object) => {
    const answer = await fetch(`http://127.0.0.1:${first.port}${path}`, {
      method,
      headers: admin,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path} is answered ${answer.status}: ${await answer.text()}`);
  };
  for (let box = 0; box < boxes; box++) await send("POST", "/v1/keys", { scope: "ingest", box: `gate-${box}` });
  for (const [site, { first: from }] of Object.entries(sites)) {
    for (let box = from; box < from + 10; box++) await send("PATCH", `/v1/boxes/gate-${box}`, { site });
  }
  await send("PUT", "/v1/schedules/sch_office", office);
  await first.close();
  await putTemplate(opened);
  await opened.close();

  const filling = new Filling(join(data, "gatepost.db"));
  for (let person = 0; person < others; person++) {
    filling.day(today - (person % 20), { box: 30 + (person % 70), person });
  }
  const daysOf = { hq: 50 + days, east: 50, new: daysOfNew };
  for (const [site, before] of Object.entries(daysOf) as [keyof typeof sites, number][]) {
    const { first: from, people, hasDirections } = sites[site];
    for (let day = today - before; day <= today; day++) {
      for (let n = 0; n < people; n++) filling.day(day, { box: from + (n % 10), person: 100_000 + n, hasDirections });
    }
  }
  const passings = filling.end();

  const runtime = await openRuntime({ data, clock: () => now, log: quiet });
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  const headers = { authorization: `Bearer ${runtime.adminToken}` };
  return {
    passings,
    /** ms of an answer. */
    async time(path: string): Promise<number> {
      const begun = performance.now();
      const answer = await fetch(`http://127.0.0.1:${served.port}${path}`, { headers });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path} is answered ${answer.status}: ${text}`);
      return performance.now() - begun;
    },
    async close() {
      await served.close();
      await runtime.close();
      await rm(data, { recursive: true });
    },
  };
}

const [full, small] = [await storeWith(all), await storeWith(tenth)];
process.stdout.write(`people: ${full.passings} passings ÷ ${small.passings}\n`);
for (const [name, path] of Object.entries(reads)) {
  const [ofFull, ofSmall]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    const [one, other] = [await full.time(path), await small.time(path)];
    if (round < 0) continue;
    ofFull.push(one);
    ofSmall.push(other);
  }
  const [one, other] = [median(ofFull), median(ofSmall)];
  process.stdout.write(`  ${name}: ${one.toFixed(0)} ms, ÷ a tenth of the data ${(one / other).toFixed(2)}\n`);
}
for (const store of [full, small]) await store.close();
