import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashToken, newToken } from "@gatepost/core/keys";
import { isObject, type JsonObject } from "@gatepost/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ingestHandler } from "../../../packages/aws/src/lambda/ingest.ts";
import { emf } from "../../../packages/aws/src/lambda/metrics.ts";
import { onStandIns } from "../../standins/aws.ts";
import { fixture } from "../../support/fixtures.ts";
import { noon, picture } from "../samples.ts";
import { countUse } from "./cost-counter.ts";
import { copyLine, costTable, monthTable, sceneTable, strangersLine, totalOf, usedTable } from "./cost-tables.ts";
import { deliver, posted } from "./posting.ts";
import { bytesOfLine, type Counted, costsOf, looksOf, sceneDays, storageOf, sumOf } from "./prices.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

const document = readFileSync(join(import.meta.dirname, "../../../docs/costs.md"), "utf8");

/** How many passings of a person there are in a month: their registered picture is written with the first. */
const passingsOfPerson = 20;

/** KB, as the pictures of an SE3 are: 480 KB in base64. */
const sizes = { registered: 40_000, scene: 285_000, face: 30_000 };

/** A picture with its end, so that it is not flagged. */
function sent(name: string, bytes: number): string {
  const { data } = picture(name, bytes);
  data.writeUInt16BE(0xffd9, bytes - 2);
  return data.toString("base64");
}

onStandIns((standIns) => {
  describe("the cost of a passing of 480 KB, as in docs/costs.md:", () => {
    let deps: TestRuntime;
    let token: string;
    let passed = 0;
    const counted = new Map<string, Counted>();
    /** The same, with scenes that end before their events. */
    const early = new Map<string, Counted>();
    let variables: Record<string, string> = {};

    beforeAll(async () => {
      deps = await runtimeOn(standIns);
      token = newToken("ingest");
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
      // The key is read, and the devices of both dialects are noted.
      for (const deliver of [history, realtime]) await deliver(deps);
      counted.set("history alone", await used(1, history));
      counted.set("real-time, then history", await used(2, realtime, historyOfIt));
      counted.set("a repeat", await used(1, historyOfIt));
      counted.set("a stranger with want_action", await used(1, stranger));
      variables = { GATEPOST_SCENE_DAYS: `${sceneDays}` };
      early.set("history alone", await used(1, history));
      early.set("real-time, then history", await used(2, realtime, historyOfIt));
    });
    afterAll(async () => {
      vi.restoreAllMocks();
      await deps.close();
    });

    type Delivered = (on: TestRuntime) => Promise<void>;

    const post = async (on: TestRuntime, route: string, body: JsonObject) =>
      expect(await deliver(body, { token, ports: on.ingest, route })).toMatchObject({ statusCode: 200 });

    const complete = (dialect: string, pictures: JsonObject, changes: JsonObject = {}): JsonObject => {
      const body = fixture(dialect, "complete");
      const ext = isObject(body["ext_data"] ?? null) ? (body["ext_data"] as JsonObject) : {};
      const { recognize_face: _, ...others } = ext;
      const reg_pic = sent("registered", sizes.registered);
      const device = { device_ip: "192.168.1.60" };
      return {
        ...body,
        timestamp: noon + passed,
        reg_pic,
        ...changes,
        ext_data: { ...others, ...device, ...pictures },
      };
    };
    const scene = () => sent(`scene ${passed}`, sizes.scene);
    const face = () => sent(`face ${passed}`, sizes.face);
    const both = () => ({ spot_pic: scene(), recognize_face: face() });

    const historyOfIt: Delivered = (on) => post(on, "HistoryEvent", complete("history-nested", both()));
    const history: Delivered = async (on) => {
      passed += 1;
      await historyOfIt(on);
    };
    const realtime: Delivered = async (on) => {
      passed += 1;
      const identity_id = fixture("history-nested", "complete")["identity_id"] ?? null;
      await post(on, "RealTimeEvent", complete("se3-realtime", { spot_pic: scene() }, { identity_id }));
    };
    const stranger: Delivered = async (on) => {
      passed += 1;
      const asking = { want_action: "1001", identity_id: `${passed}.5` };
      await post(on, "HistoryEvent", complete("history-nested", { ...both(), person_type: 4 }, asking));
    };

    const warmUp: Delivered = async (on) => {
      const before = { timestamp: noon - 1, reg_pic: sent("warm", 100) };
      await post(on, "HistoryEvent", complete("history-nested", { spot_pic: null }, before));
      await post(on, "RealTimeEvent", complete("se3-realtime", { spot_pic: null }, before));
      on.counts.length = 0;
    };

    /** Counts the usage of reports. Each is taken by another process, like the functions of two routes. */
    async function used(reports: number, ...delivered: Delivered[]): Promise<Counted> {
      const total: Counted = { ...none, reports };
      for (const one of delivered) {
        const other = await runtimeOn({ fresh: async () => deps }, { variables });
        // What a process does once a minute, or once a day, is no part of a report.
        await warmUp(other);
        const use = countUse(deps.clients);
        await one(other);
        total.logBytes += bytesOfLines(() => {
          for (const count of other.counts) emf(count, count);
        });
        for (const name of [
          "s3Puts",
          "s3Gets",
          "s3Bytes",
          "s3ColdPuts",
          "s3ColdBytes",
          "s3SceneBytes",
          "s3Tags",
          ...others,
        ] as const)
          total[name] += use[name];
      }
      return total;
    }

    const countOf = (name: string, from = counted): Counted => {
      const count = from.get(name);
      if (count === undefined) throw new Error(`${name} was not counted`);
      return { ...count, s3Puts: count.s3Puts + (name === "a repeat" ? 0 : 1 / passingsOfPerson) };
    };

    it("the use by each kind of passing", () => {
      expect(document).toContain(usedTable([...counted.keys()].map((name) => [name, countOf(name)])));
    });

    it("a million passings, by purpose", () => {
      expect(document).toContain(costTable(countOf("history alone"), countOf("real-time, then history")));
    });

    it("requests with wrong keys, with one in each place for a key", async () => {
      const [inPath, inQuery, inHeader] = [newToken("ingest"), newToken("ingest"), newToken("ingest")];
      const authorization = `Basic ${Buffer.from(`${inHeader}:`).toString("base64")}`;
      const refused = posted(`/${inPath}/HistoryEvent`, {});
      const use = countUse(deps.clients);
      const answer = await ingestHandler(() => deps.ingest)({
        ...refused,
        rawQueryString: `token=${inQuery}`,
        headers: { ...refused.headers, authorization },
      });
      expect(answer).toMatchObject({ statusCode: 401 });
      expect(document).toContain(strangersLine({ ...use, reports: 1, logBytes: 0 }));
    });

    it("a million of 480 KB cost less than $37, with their pictures for 90 days", () => {
      const alone = countOf("history alone");
      const stored = storageOf({ ...alone, rowBytes: 0 }, 1e6).objects;
      expect(sumOf(costsOf(alone)) + stored).toBeLessThan(37);
    });

    /** A passing whose pictures are all in the class for frequent use. */
    const warmOf = (name: string): Counted => ({ ...countOf(name), s3ColdPuts: 0, s3ColdBytes: 0 });

    it("a million history reports cost at most $15.50 in requests of S3 and the table", () => {
      const requests = costsOf(warmOf("history alone"));
      expect(requests["S3 requests"] + requests.DynamoDB).toBeLessThanOrEqual(15.5);
      // Standard-IA costs a second PUT, and storage less.
      expect(costsOf(countOf("history alone"))["S3 requests"] - requests["S3 requests"]).toBeCloseTo(5, 5);
    });

    it.each([60, 90, 365])("Standard-IA saves more than its requests cost in %i days", (days) => {
      const saved = totalOf(warmOf("history alone"), days) - totalOf(countOf("history alone"), days);
      expect(saved).toBeGreaterThan(days / 70);
      // In 60 days each picture could be looked at once in four passings before it costs more.
      expect(saved / looksOf(countOf("history alone"))).toBeGreaterThan(0.25);
    });

    it("Standard-IA saves more than one look at each picture costs in 90 days", () => {
      const saved = totalOf(warmOf("history alone"), 90) - totalOf(countOf("history alone"), 90);
      const looks = saved / looksOf(countOf("history alone"));
      expect(looks).toBeGreaterThan(1);
      expect(document).toContain(`looked at ${looks.toFixed(1)} times in 90 days`);
    });

    it("a copy in another region", () => {
      expect(document).toContain(copyLine(countOf("history alone")));
    });

    it("scenes that end after 30 days, for events that are kept for longer and longer", () => {
      const pairs = ["history alone", "real-time, then history"].map((name) => [countOf(name), countOf(name, early)]);
      expect(document).toContain(sceneTable(pairs as [Counted, Counted][]));
      for (const [whole, ended] of pairs as [Counted, Counted][])
        expect(totalOf(whole, 90) - totalOf(ended, 90)).toBeGreaterThan(3);
    });

    it("a month with 10, 1,000 and 10,000 boxes", () => {
      expect(document).toContain(monthTable(countOf("real-time, then history")));
    });
  });
});

function bytesOfLines(write: () => void): number {
  let bytes = 0;
  const written = vi.spyOn(process.stdout, "write").mockImplementation((line) => {
    bytes += String(line).length + bytesOfLine;
    return true;
  });
  write();
  written.mockRestore();
  return bytes;
}

const others = ["writeUnits", "readUnits", "busEntries"] as const;

const noObjects = { s3Puts: 0, s3Gets: 0, s3Bytes: 0, s3ColdPuts: 0, s3ColdBytes: 0, s3SceneBytes: 0, s3Tags: 0 };
const none = { ...noObjects, writeUnits: 0, readUnits: 0, busEntries: 0, reports: 0, logBytes: 0 };
