import { readFileSync } from "node:fs";
import { join } from "node:path";
import { api } from "@gatepost/api";
import { hashToken, newToken } from "@gatepost/core/keys";
import type { PassingRange, StoredPassing } from "@gatepost/core/people";
import { changed } from "@gatepost/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { toAttributes } from "../../../packages/aws/src/dynamo/item.ts";
import { upsertUpdate } from "../../../packages/aws/src/events/row.ts";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { awsTally } from "../../../packages/aws/src/runtime/tally.ts";
import { environmentOf, onStandIns, patient } from "../../standins/aws.ts";
import { httpEvent } from "../../support/http-event.ts";
import { noon, report, upsert } from "../samples.ts";
import { countUse } from "./cost-counter.ts";
import { price } from "./prices.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const document = readFileSync(join(import.meta.dirname, "../../../docs/costs.md"), "utf8");

const boxes = 60;

/** What a month of a page costs that asks for so many units of DynamoDB every so many seconds, day and night. */
const aMonth = (units: number, seconds: number) =>
  Math.round((((30 * 24 * 60 * 60) / seconds) * units * price.readUnit) / 1e6);

onStandIns((standIns) => {
  describe("the cost of polling, as in docs/costs.md:", () => {
    let deps: TestRuntime;
    let now: number;
    beforeEach(async () => {
      deps = await runtimeOn(standIns, { clock: () => now });
      now = noon;
    });
    afterEach(() => deps.close());

    /** Boxes that each have a key and sent something today. */
    async function hear(names: readonly string[]): Promise<void> {
      const tally = awsTally(environmentOf(deps.names), { clients: deps.clients, limits: patient, clock: () => now });
      const Records = names.map((box, n) => {
        const row = changed(upsertUpdate(upsert(`${n}`, { box, report: report({ time: noon }) }), "1"), null);
        return { dynamodb: { SequenceNumber: `${n + 1}`, NewImage: toAttributes(row) } };
      });
      await tally({ shardId: "shard-0", Records });
      for (const box of names) await makeKey(box);
      now += 60_000;
    }

    const makeKey = (box: string) =>
      deps.reads.keyAdmin.create({ scope: "ingest", box, tokenHash: hashToken(newToken("ingest")) });

    /** The header of a browser in which a person has signed in. */
    async function signedIn(role: "guard" | "manager") {
      const { accounts, sessions } = deps.reads;
      const who = { sites: null, boxes: null, email: "li@example.com", name: null, role } as const;
      const { token } = await accounts.create(who, "key_1");
      const account = (await accounts.accept(token, { name: "Li", password: "hash" })) ?? expect.fail("no account");
      const asked = { account, with: "password", stays: true, agent: null } as const;
      return { cookie: `__Host-gatepost=${(await sessions.begin(asked)).token}` };
    }

    /** Asks the function of the API. */
    const askFunction = async (path: string, query: string, headers: Record<string, string>) => {
      const answer = await apiHandler(() => deps.reads)(httpEvent({ method: "GET", path, query, headers }));
      expect(answer.statusCode).toBe(200);
      return JSON.parse(
        Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8").toString(),
      ) as unknown;
    };

    const listed = async (cursor: string | null = null) => deps.reads.boxes.reader.list({ limit: boxes / 2, cursor });

    it("a list of boxes", async () => {
      await hear(Array.from({ length: boxes }, (_, n) => `gate-${n}`));
      const ofFirst = countUse(deps.clients);
      const { next } = await listed();
      const first = ofFirst.readUnits;
      const ofSecond = countUse(deps.clients);
      await listed(next);
      const second = ofSecond.readUnits;
      // The names are read from the sixteen keys of their list, half a unit each, however many boxes there are.
      const ofBox = Math.round((second - 16 / 2) / (boxes / 2));
      // The keys are read for the first page alone.
      expect(Math.round((first - second) / boxes)).toBe(1);
      const ofAll = ofBox + 1;
      expect(document).toContain(`A page of boxes is ${ofBox} units a box, and one more for each key`);
      expect(document).toContain(
        `1,000 boxes are some ${ofAll},000 units ($${((ofAll * price.readUnit) / 1e3).toFixed(4)})`,
      );
      expect(document).toContain(`and the page some $${aMonth(ofAll * 1000, 50)} a month`);
    });

    it("a bridge that asks for its orders", async () => {
      const calls = countCalls(deps.clients);
      await deps.reads.actionReader.list({ isOrdered: true, boxes: ["gate-1"] }, { limit: 50, cursor: null });
      await deps.reads.jobs.removals.waiting(["gate-1"], noon);
      expect(calls).toEqual({ QueryCommand: 17 });
      expect(document).toContain("asks for orders and for removals every 10 s, which are 17 queries");
    });

    it("a program that asks for the next changes", async () => {
      const { feed } = deps.reads;
      await deps.ingest.index.upsert(upsert("first"));
      let cursor = await feed.end();
      const readNext = async () => {
        now += 10_000;
        cursor = (await feed.read(cursor, 100)).next;
      };
      for (let time = 0; time < 4; time++) await readNext();
      const calls = countCalls(deps.clients);
      await readNext();
      expect(calls).toEqual({ GetItemCommand: 1 });
      expect(document).toContain("reads one row, `feed head`, while there are none");
      const reads = 60;
      const before = countUse(deps.clients);
      for (let read = 0; read < reads; read++) await deps.ingest.index.upsert(upsert(`not read ${read}`));
      const ofReports = before.writeUnits;
      const used = countUse(deps.clients);
      for (let read = 0; read < reads; read++) {
        await deps.ingest.index.upsert(upsert(`${read}`));
        await readNext();
      }
      // The head is written with each report here, which are 10 s apart.
      expect(Math.round((2 * (used.writeUnits - ofReports)) / reads)).toBe(48 + 2);
      const aMonthOfWrites = (((30 * 24 * 60 * 60) / 20) * 48 * price.writeUnit) / 1e6;
      expect(document).toContain(`48 write units, some $${aMonthOfWrites.toFixed(2)} a month`);
    });

    it("a console that is open day and night", async () => {
      const headers = await signedIn("guard");
      await deps.ingest.index.upsert(upsert("first"));
      let after = "end";
      const poll = async () => {
        now += 2000;
        const query = `order=received&limit=200&with=counts&after=${after}`;
        after = z.object({ next: z.string() }).parse(await askFunction("/v1/events", query, headers)).next;
      };
      for (let second = 0; second < 60; second += 2) await poll();
      const use = countUse(deps.clients);
      await poll();
      expect(use.readUnits).toBe(3);
      const aPoll = price.request + price.invocation + 0.008 * price.gigabyteSecond;
      const ofMonth = (seconds: number, units: number) =>
        `$${((((30 * 24 * 60 * 60) / seconds) * (aPoll + units * price.readUnit)) / 1e6).toFixed(2)}`;
      const costs = [ofMonth(2, 3), ofMonth(1, 11 + 2), ofMonth(30, 3)];
      expect(document).toContain(`| a month | ${costs.join(" | ")} |`);
    });

    describe("22 days with a person at each of ten boxes", () => {
      const day = 86_400_000;
      const boxes = Array.from({ length: 10 }, (_, n) => `gate-${n}`);
      const month = { from: noon - 31 * day, to: noon };
      beforeEach(async () => {
        for (const [n, box] of boxes.entries()) {
          for (let workday = 1; workday <= 22; workday++) {
            for (const hour of [8, 17]) {
              const time = noon - workday * day + hour * 60_000;
              const passingReport = report({
                time,
                receivedAt: time,
                person: { id: `${n}`, name: "刘芳", type: "employee" },
              });
              await deps.ingest.index.upsert(
                upsert(`${n} ${time}`, { box, report: passingReport, expiresAt: noon + 400 * day }),
              );
            }
          }
        }
      });

      const passingsOf = async (range: PassingRange) => {
        const found: StoredPassing[] = [];
        for await (const some of deps.reads.passings.read(range)) found.push(...some);
        return found.length;
      };

      it("a person's month of two passings a day costs 30 read units", async () => {
        const use = countUse(deps.clients);
        expect(await passingsOf({ boxes, ...month, of: { key: "7" } })).toBe(44);
        expect(use.readUnits).toBe(30);
        expect(document).toContain("the passings of a month, two a day | 30 units: 8, and half a unit a passing");
      });

      it("a site costs half a unit a passing, and one query a shard", async () => {
        const use = countUse(deps.clients);
        const calls = countCalls(deps.clients);
        expect(await passingsOf({ boxes, ...month, of: "known" })).toBe(440);
        expect(calls["QueryCommand"]).toBe(10 * 16);
        expect(calls["BatchGetItemCommand"]).toBeLessThan(15);
        expect(use.readUnits).toBeLessThanOrEqual(440 / 2 + 80);
      });
    });

    describe("20 pages at a gate with a passing a second", () => {
      const pages = 20;
      /** Heartbeats are renewed so often. */
      const seconds = 20;
      const [second, hour, day] = [1000, 3_600_000, 86_400_000];
      let passed = 0;
      const pass = (time: number) => {
        passed += 1;
        const person = { id: `${passed % 100}`, name: "刘芳", type: "employee" as const };
        const device = { id: "d", ip: "10.0.0.7", direction: passed % 200 < 100 ? ("in" as const) : ("out" as const) };
        const passingReport = report({ time, receivedAt: time, person, device });
        return deps.ingest.index.upsert(upsert(`${passed}`, { report: passingReport, expiresAt: noon + 400 * day }));
      };

      /** The read units of a second in tens, and what they cost in a month of 22 days of 8 hours. */
      async function used(ask: (second: number) => Promise<unknown>): Promise<[units: number, dollars: string]> {
        const use = countUse(deps.clients);
        for (let n = 0; n < seconds; n++) {
          now += second;
          await pass(now);
          await ask(n);
        }
        const units = Math.round(use.readUnits / seconds / 10) * 10;
        return [units, `$${Math.round((units * 22 * 8 * 60 * 60 * price.readUnit) / 1e6)}`];
      }

      it("read passings once to count who is inside, and then their changes", async () => {
        const stored = 400;
        for (let n = 0; n < stored; n++) await pass(noon - (n % 3) * day - 4 * hour);
        await hear(["gate-1"]);
        const headers = await signedIn("manager");
        const count = () => askFunction("/v1/presence", "site=default", headers);
        const first = countUse(deps.clients);
        await count();
        expect(first.readUnits / stored).toBeLessThan(1.2);
        // By then all of these are settled.
        now += hour;
        await count();
        // A page counts three seconds after a passing.
        const counting = async (n: number) => {
          for (let page = 0; page < pages; page++) if ((n + page) % 3 === 0) await count();
        };
        const [units, dollars] = await used(counting);
        expect(document).toContain(`count who is inside: ${units} units a second in all, ${dollars} a month`);
        // A request that shares the count reads who asks, and what counts depend on: no list of boxes, no passing.
        const shared = countCalls(deps.clients);
        await count();
        expect(shared).toEqual({ GetItemCommand: 5, QueryCommand: 3, BatchGetItemCommand: 2 });
        now += second;
        await pass(now);
        const next = countCalls(deps.clients);
        await count();
        // Once a second, the shards of the feed; once in two seconds, the settings of boxes; each ten, the heartbeats.
        expect(next["QueryCommand"]).toBeLessThanOrEqual(3 + 16 + 16);
        expect(document).toContain("A request that shares a count makes 10 calls");
      });

      it("ask for changes once a second each", async () => {
        let places = Array.from({ length: pages }, () => "end");
        const token = newToken("admin");
        await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(token) });
        const gatepost = api(deps.reads);
        const headers = { authorization: `Bearer ${token}` };
        const poll = async (after: string) => {
          const query = new URLSearchParams({ order: "received", with: "counts", after });
          const answer = await gatepost.request(`/v1/events?${query}`, { headers });
          return z.object({ next: z.string() }).parse(await answer.json()).next;
        };
        const polling = async () => {
          places = await Promise.all(places.map(poll));
        };
        await used(polling);
        const [units, dollars] = await used(polling);
        expect(document).toContain(`ask for changes with counts: ${units} units a second in all, ${dollars} a month`);
      });
    });

    it("a bridge that asks for removals reads none of other boxes", async () => {
      const { removals } = deps.reads.jobs;
      for (let n = 0; n < 60; n++) await removals.ask({ id: `rem_${n}`, box: `gate-${n}`, person: "7", at: noon + n });
      const calls = countCalls(deps.clients);
      const use = countUse(deps.clients);
      expect((await removals.waiting(["gate-1"], noon)).map(({ id }) => id)).toEqual(["rem_1"]);
      expect(calls).toEqual({ QueryCommand: 1, BatchGetItemCommand: 1 });
      expect(use.readUnits).toBeLessThan(5);
    });

    it("a new key is found at once, and in a list ten seconds later", async () => {
      await hear(["gate-1"]);
      const idOfBoxes = async () => (await listed()).items.map(({ id }) => id);
      expect(await idOfBoxes()).toEqual(["gate-1"]);
      await makeKey("gate-2");
      await expect.poll(() => deps.reads.boxes.reader.get("gate-2")).toMatchObject({ state: "new" });
      now += 10_000;
      expect(await idOfBoxes()).toEqual(["gate-1", "gate-2"]);
      // No request asks for this key.
      await makeKey("gate-3");
      now += 9999;
      expect(await idOfBoxes()).toEqual(["gate-1", "gate-2"]);
      now += 1;
      expect(await idOfBoxes()).toEqual(["gate-1", "gate-2", "gate-3"]);
    });

    it("an unknown box costs one read of the keys, also in a new process", async () => {
      await hear(["gate-1"]);
      const calls = countCalls(deps.clients);
      for (const reads of [1, 2]) {
        expect(await deps.reads.boxes.reader.get("nobody")).toBeNull();
        expect(calls["BatchGetItemCommand"]).toBe(reads);
      }
    });
  });
});
