import { gzipSync } from "node:zlib";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { Room } from "@gatepost/core/room";
import { replay } from "@gatepost/receive";
import { describe, expect, it } from "vitest";
import { deliver } from "../../support/ends.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { success } from "../../support/http.ts";
import { history, longText, noon } from "../../support/reports.ts";
import { turnsOf } from "../../support/turns.ts";

const reports = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => history({ timestamp: noon + from + i }));
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
/** It has more names than a report may have. */
const huge = `{${numbers(50_001).map((n) => `"k${n}":0`)}}`;
const bodyOf = ({ body }: QuarantineRecord) => Buffer.from(body).toString();

describe("a batch with unreadable parts", () => {
  it("keeps up to a hundred unreadable parts one by one", async () => {
    const { deps } = await deliver([...reports(1), ...numbers(100)]);
    expect(deps.reasons()).toEqual(Array(100).fill("not-an-object"));
    expect(deps.events()).toHaveLength(1);
  });

  it("is kept once as a whole beyond a hundred, and its good reports become events", async () => {
    const body = JSON.stringify([...reports(2), ...numbers(9_000), ...reports(1, 2)]);
    const { answer, deps } = await deliver(body);
    expect(answer).toEqual(success);
    expect(deps.reasons()).toEqual([...Array(100).fill("not-an-object"), "too-many-unreadable"]);
    expect(bodyOf(deps.lastRecord)).toBe(body);
    expect(deps.events()).toHaveLength(3);
    expect(deps.lines).toHaveLength(101);
  });

  it("is erased with the person of one of its good reports", async () => {
    const { deps } = await deliver([...reports(2), ...numbers(200), history({ identity_id: "4711" })]);
    expect(deps.everything()).toContain("4711");
    expect(await erasePerson(deps.reads.eraser, "4711", null)).toBe(1);
    expect(deps.everything()).not.toContain("4711");
    expect(deps.reasons()).toEqual(Array(100).fill("not-an-object"));
  });

  it("keeps the events of a batch of broken pictures", async () => {
    const { deps } = await deliver(
      reports(150).map((report) => ({
        ...report,
        ext_data: { recognize_face: "broken", ep_id: "SNO1__192.168.1.60" },
      })),
    );
    expect(deps.events()).toHaveLength(150);
    expect(deps.reasons()).toEqual([...Array(100).fill("picture"), "too-many-unreadable"]);
  });

  it("lets other requests have their turns, even if nothing of it is stored", async () => {
    const [{ deps }, turns] = await turnsOf(deliver(numbers(9_000)));
    expect(deps.records.size).toBe(101);
    expect(turns).toBeGreaterThan(80);
    const [outcomes, others] = await turnsOf(replay(deps.lastRecord, deps));
    expect(outcomes).toHaveLength(9_001);
    expect(others).toBeGreaterThan(80);
  });

  it("keeps an oversized report by itself in a replay, and stores the others as events", async () => {
    const { deps } = await deliver(`[${JSON.stringify(history())},${huge}]`);
    const whole = deps.lastRecord;
    expect([whole.reason, deps.events()]).toEqual(["too-many-values", []]);
    expect(await replay(whole, deps)).toMatchObject([{ event: { outcome: "created" } }, { event: null }]);
    expect([...deps.records.values()].some((record) => bodyOf(record) === `[${huge}]`)).toBe(true);
  });

  it("is not kept again once a replay has stored each of its reports", async () => {
    const names = (of: number) => Object.fromEntries(numbers(8_500).map((n) => [`${of} ${n}`, 0]));
    const { deps } = await deliver(reports(6).map((report, of) => ({ ...report, ext_data: names(of) })));
    expect(deps.reasons()).toEqual(["too-many-values"]);
    expect(await replay(deps.lastRecord, deps)).toHaveLength(6);
    expect([deps.events().length, deps.reasons()]).toEqual([6, ["too-many-values", ...Array(6).fill("cut")]]);
  });

  it("keeps no oversized report by itself in a replay if a hundred others are kept", async () => {
    const { deps } = await deliver(`[${numbers(101).join()},${JSON.stringify(reports(102)).slice(1, -1)},${huge}]`);
    const outcomes = await replay(deps.lastRecord, deps);
    expect(outcomes.filter(({ event, quarantined }) => event === null && quarantined === null)).toHaveLength(2);
    expect(outcomes.at(-1)?.quarantined?.reason).toBe("too-many-unreadable");
  });

  it("is kept again under the same ids by a replay", async () => {
    const { deps } = await deliver([...reports(1), ...numbers(200)]);
    const before = [...deps.records.keys()];
    const outcomes = await replay(deps.lastRecord, deps);
    expect(outcomes.at(-1)).toMatchObject({
      event: null,
      quarantined: { id: before.at(-1), reason: "too-many-unreadable" },
    });
    expect([...deps.records.keys()]).toEqual(before);
    expect(deps.events()).toHaveLength(1);
  });
});

// Under measured coverage each report costs much: test/system/ingest has such batches in all forms and sizes.
describe("a batch of more than 10,000 reports", () => {
  it("is kept as one record", async () => {
    const { answer, deps } = await deliver(`[${"{},".repeat(10_000)}{}]`);
    expect(answer).toEqual(success);
    expect([deps.reasons(), deps.events()]).toEqual([["too-many-reports"], []]);
  });

  it("is left alone after its first ten thousand reports if none becomes an event", async () => {
    const { deps } = await deliver(`[${"{},".repeat(10_001)}{}]`);
    const record = deps.lastRecord;
    const outcomes = await replay(record, deps);
    expect(outcomes).toHaveLength(10_001);
    expect(outcomes.at(-1)?.quarantined).toEqual({ id: record.id, reason: "too-many-reports" });
    expect(deps.reasons()).toEqual(["too-many-reports", "unknown-shape"]);
  });

  const good = reports(2).map((report) => JSON.stringify(report));
  // A body of so many bytes is counted before it is made a text.
  const lines = [...good, longText(2 * 1024 * 1024), ...numbers(10_001).map(() => "{}")].join("\n");
  it.each([
    ["UTF-8", Buffer.from(lines), 2, "too-many-reports"],
    ["bytes that are no text", Buffer.concat([Buffer.from(lines), Buffer.from([0xff, 0xff])]), 0, "too-many-reports"],
    ["gzip", gzipSync(lines), 2, "too-many-reports"],
    ["gzip of more than there is room for", gzipSync(`${lines}\n${longText(5_000_000)}`), 0, "too-many-reports"],
    ["UTF-16", Buffer.from(`\uFEFF${lines}`, "utf16le"), 2, "too-many-reports"],
    [
      "UTF-16 with half a sign",
      Buffer.from(`\uFEFF[${"0,".repeat(2_000_002)}"\udc00"]`, "utf16le"),
      0,
      "too-many-values",
    ],
  ])("is kept again as %s after its readable reports are stored", async (_, body, events, reason) => {
    const { deps } = await deliver("[1");
    deps.room = new Room(5_000_000);
    const outcomes = await replay({ ...deps.lastRecord, headers: {}, body }, deps);
    expect(deps.events()).toHaveLength(events);
    expect(outcomes.at(-1)?.quarantined?.reason).toBe(reason);
  });
});
