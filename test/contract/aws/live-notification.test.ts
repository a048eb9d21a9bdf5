import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lambdaLog } from "../../../packages/aws/src/lambda/log.ts";
import { type Counted, type Counts, emf } from "../../../packages/aws/src/lambda/metrics.ts";
import { countedPorts } from "../../support/counted-ports.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history, stranger } from "../../support/reports.ts";
import { deliver } from "./posting.ts";

/** The lines of JSON that come out while `act` runs. */
async function linesOf(act: () => unknown): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  const write = (line: unknown) => lines.push(String(line)) > 0;
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(write));
  try {
    await act();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return lines.map((line) => JSON.parse(line));
}

describe("the log of a Lambda", () => {
  it("is a line of JSON a fact", async () => {
    const [line] = await linesOf(() => lambdaLog().warn("quarantined", { box: "gate-1", reason: "not-json" }));
    expect(line).toMatchObject({ level: "WARN", message: "quarantined", box: "gate-1", reason: "not-json" });
  });

  it("contains the cause of a failure, and no data that was sent or answered", async () => {
    const row = { Item: { name: { S: "小明" } }, $response: { body: "小明" }, code: "ECONNRESET" };
    const cause = Object.assign(new Error("no connection", { cause: Object.assign(new Error("reset"), row) }), row);
    const [line] = await linesOf(() => lambdaLog().error("report not stored", { cause }));
    expect(line).toMatchObject({
      cause: { message: "no connection", code: "ECONNRESET", cause: { message: "reset" } },
    });
    expect(JSON.stringify(line)).not.toContain("小明");
  });
});

describe("the metrics of a Lambda", () => {
  beforeEach(() => vi.stubEnv("POWERTOOLS_DEV", ""));
  afterEach(() => vi.unstubAllEnvs());

  it("are one line of CloudWatch's embedded format a report", async () => {
    const [line, ...others] = await linesOf(() =>
      emf({ box: "东门", dialect: "history-nested" }, { accepted: 1, bytes: 4800, flagged: 0 }),
    );
    expect(others).toEqual([]);
    expect(line).toMatchObject({ box: "东门", dialect: "history-nested", accepted: 1, bytes: 4800 });
    expect(line).not.toHaveProperty("flagged");
    expect(JSON.stringify(line?.["_aws"])).toContain('"Namespace":"Gatepost"');
    // Each box as a dimension would be paid for as eight metrics a month.
    expect(JSON.stringify(line?.["_aws"])).toContain('"Dimensions":[["service","dialect"]]');
  });

  it("are no line if nothing is counted", async () => {
    expect(await linesOf(() => emf({ box: "gate-1", dialect: null }, { bytes: 0 }))).toEqual([]);
  });
});

describe("the counts of reports", () => {
  const boxAndDialect = { box: "gate-1", dialect: "history-nested" };

  async function counted(...bodies: unknown[]): Promise<(Counted & Counts)[]> {
    const memory = new MemoryPorts();
    const token = memory.addKey();
    const counts: (Counted & Counts)[] = [];
    const ports = countedPorts(memory, (whose, count) => counts.push({ ...whose, ...count }));
    for (const body of bodies) await deliver(body, { token, ports });
    return counts;
  }

  it("contain a report, with the bytes of its pictures", async () => {
    const [count] = await counted(history({}, { spot_pic: photo("scene") }));
    const bytes = Buffer.from(photo("scene"), "base64").length;
    expect(count).toEqual({ ...boxAndDialect, accepted: 1, flagged: 0, bytes });
  });

  it("contain a repetition, and a flagged report", async () => {
    const body = history({}, { spot_pic: "no picture" });
    expect(await counted(body, body)).toMatchObject([
      { accepted: 1, flagged: 1 },
      { quarantined: 1 },
      { duplicate: 1 },
      { quarantined: 1 },
    ]);
  });

  it("contain an action that is enqueued, and its announcement", async () => {
    expect(await counted(stranger({ want_action: "1001" }))).toMatchObject([
      { accepted: 1, pending: 1 },
      { ...boxAndDialect, announced: 1 },
    ]);
  });

  it("contain a withheld action", async () => {
    const poor = stranger({ want_action: "1001" }, { box_fiqa_info: { fiqa_result: false } });
    expect(await counted(poor)).toMatchObject([{ accepted: 1, withheld: 1 }]);
  });

  it("contain a report that was not understood", async () => {
    expect(await counted("nonsense")).toEqual([{ box: "gate-1", dialect: null, quarantined: 1 }]);
  });

  it("contain another face of one identity once", async () => {
    const bodies = ["a", "b"].map((face) => history({}, { recognize_face: photo(face) }));
    expect(await counted(...bodies)).toMatchObject([{ accepted: 1 }, { accepted: 1 }]);
  });
});
