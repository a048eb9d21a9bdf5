import {
  activityOf,
  type BoxActivity,
  type BoxSign,
  joined,
  LocalHours,
  signOfNotice,
  signOfReport,
  summed,
} from "@gatepost/core/boxes";
import { checkBox, shortName } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { report as sampleReport } from "../../../contract/samples.ts";
import { day, hour, minute, noon, reported } from "./support.ts";

const utc = new LocalHours("UTC");

function sumOf(...signs: BoxSign[]): BoxActivity {
  const sum = summed(signs, utc).get("gate-1");
  if (sum === undefined) throw new Error("no sign of gate-1");
  return sum;
}

describe("the sum of signs", () => {
  it("a sum has the first and the last sign, and the longest pause by hour", () => {
    const { life } = sumOf(reported(noon), reported(noon + 5 * minute), reported(noon + 70 * minute));
    expect(life).toEqual({
      first: noon,
      last: noon + 70 * minute,
      pauses: { [utc.hourOf(noon)]: 65 * minute, [utc.hourOf(noon + hour)]: 65 * minute },
    });
  });

  it("a sum has at most two hundred devices, and no long texts of them", () => {
    const named = Array.from({ length: 300 }, (_, n) => ({ ep_id: `cam-${n}`, ep_status: "online" }));
    const report = {
      sub_devices: named,
      media_devices: named.map(({ ep_id }) => ({ ep_id: `m${ep_id}`, ep_status: "1" })),
    };
    const notice = signOfNotice({ box: "gate-1", kind: "status", receivedAt: noon, report });
    expect(Object.keys(sumOf(notice).devices)).toHaveLength(200);
    expect(Object.keys(sumOf(reported(noon), notice).devices)).toHaveLength(200);
    const [id, ip, name] = ["d", "i", "n"].map((text) => text.repeat(8000)) as [string, string, string];
    const { devices } = sumOf(signOfReport("gate-1", sampleReport({ device: { id, ip, name } })));
    expect(devices).toMatchObject({ [shortName(id)]: { ip: shortName(ip), name: "n".repeat(128) } });
    const said = { sub_devices: [{ ep_id: id, ep_ip: ip, ep_name: name, ep_status: "online" }] };
    const same = sumOf(signOfNotice({ box: "gate-1", kind: "status", receivedAt: noon, report: said })).devices;
    expect(Object.keys(same)).toEqual(Object.keys(devices));
  });

  it("the box of a check has no sum", () => {
    expect([...summed([{ ...reported(noon), box: checkBox }], utc)]).toEqual([]);
  });

  it("each kind of report is counted by day, with its last lag", () => {
    const realtime = reported(noon, { kind: "realtime", dialect: "se3-realtime", sentAt: noon - 300 });
    const { kinds } = sumOf(reported(noon - day), realtime, reported(noon), reported(noon + 1, { sentAt: null }));
    expect(kinds).toEqual({
      history: { dialect: "history-v6", last: noon + 1, lagMs: null, day: utc.dayOf(noon), count: 2 },
      realtime: { dialect: "se3-realtime", last: noon, lagMs: 300, day: utc.dayOf(noon), count: 1 },
    });
  });

  it("the clock is derived from the report with the shortest delay, for an hour", () => {
    const late = reported(noon + minute, { sentAt: noon - 9 * minute });
    expect(sumOf(reported(noon), late).clock).toEqual({ skewMs: -1000, at: noon });
    const next = reported(noon + hour, { sentAt: noon + hour - 2000 });
    expect(sumOf(reported(noon), late, next).clock?.skewMs).toBe(-2000);
    expect(sumOf(reported(noon, { sentAt: noon + 5000 }), late).clock?.skewMs).toBe(5000);
  });

  /** Records of passings, each a time after the one before, that arrive a time after each other. */
  const records = (count: number, { every, passed, lag }: { every: number; passed: number; lag: number }) =>
    Array.from({ length: count }, (_, n) => {
      const kind = (["history", "backfill", "live"] as const)[n % 3] ?? "history";
      return reported(noon + n * every, { kind, sentAt: noon - lag + n * passed });
    });

  it("kept records that arrive at once say nothing about the clock", () => {
    const kept = records(6, { every: 300, passed: 17 * minute, lag: 14 * hour });
    expect(sumOf(...kept).clock).toBeNull();
    const slowly = records(1000, { every: 2 * minute, passed: 3 * minute, lag: 50 * hour + minute });
    expect(sumOf(...slowly).clock).toBeNull();
    const atOnce = records(50, { every: 0, passed: 0, lag: hour });
    expect(sumOf(...atOnce).clock).toBeNull();
    expect(sumOf(...kept, reported(noon + 2 * minute)).clock?.skewMs).toBe(-1000);
  });

  it("records one by one with the same lag show a clock that is behind", () => {
    const behind = records(3, { every: 3 * minute, passed: 3 * minute + 5000, lag: 2 * hour });
    expect(sumOf(...behind.slice(0, 2)).clock).toBeNull();
    expect(sumOf(...behind).clock).toEqual({ skewMs: -2 * hour, at: noon + 6 * minute });
    const sums = behind.map((one) => activityOf(one, utc));
    const parted = sums.reduce((known, heard) => joined(known, heard, utc));
    expect(parted.clock).toEqual({ skewMs: -2 * hour, at: noon + 6 * minute });
    const [first, ...others] = behind;
    const inTime = reported(noon + minute);
    if (first !== undefined) expect(sumOf(first, inTime, ...others).clock?.skewMs).toBe(-1000);
    expect(sumOf(...behind, reported(noon + 7 * minute)).clock?.skewMs).toBe(-1000);
  });

  it("a record or real-time report of the future shows a clock that is ahead", () => {
    const kept = records(6, { every: 300, passed: 17 * minute, lag: 14 * hour });
    const ahead = reported(noon + minute, { kind: "backfill", sentAt: noon + 3 * hour });
    expect(sumOf(...kept, ahead).clock?.skewMs).toBe(3 * hour - minute);
    expect(sumOf(reported(noon, { kind: "realtime", sentAt: noon - hour })).clock?.skewMs).toBe(-hour);
  });

  it("flags and refusals are counted for seven days", () => {
    const refused: BoxSign = { box: "gate-1", kind: "refused", status: 413, receivedAt: noon };
    const { days, life } = sumOf(
      ...Array.from({ length: 9 }, (_, back) => reported(noon - (8 - back) * day, { isFlagged: back === 8 })),
      refused,
      refused,
    );
    expect(Object.keys(days)).toHaveLength(7);
    expect(days[utc.dayOf(noon)]).toEqual({ reports: 1, flagged: 1, refused: { 413: 2 } });
    expect(life?.last).toBe(noon);
  });

  it("refused requests alone are no life", () => {
    expect(sumOf({ box: "gate-1", kind: "refused", status: 413, receivedAt: noon }).life).toBeNull();
  });

  it("a device known by its address becomes one with its later name", () => {
    const byAddress = signOfReport("gate-1", sampleReport({ receivedAt: noon, device: { ip: "10.0.0.7" } }));
    const named = signOfReport(
      "gate-1",
      sampleReport({ receivedAt: noon + 1, device: { endpoint: "SNO__10.0.0.7", ip: "10.0.0.7" } }),
    );
    for (const signs of [
      [byAddress, named, { ...byAddress, receivedAt: noon + 2 }],
      [named, { ...byAddress, receivedAt: noon + 2 }],
    ]) {
      const { devices } = sumOf(...signs);
      expect(Object.keys(devices)).toEqual(["SNO__10.0.0.7"]);
      expect(devices["SNO__10.0.0.7"]?.last).toBe(noon + 2);
    }
  });

  it("a box has at most two hundred devices", () => {
    const signs = Array.from({ length: 300 }, (_, number) =>
      reported(noon + number, { device: { id: `${number}`, endpoint: null, name: null, ip: null, type: null } }),
    );
    expect(Object.keys(sumOf(...signs).devices)).toHaveLength(200);
  });

  it("any text may be the name of a device", () => {
    const device = { id: "__proto__", endpoint: null, name: null, ip: null, type: null };
    expect(Object.keys(sumOf(reported(noon, { device }), reported(noon + 1, { device })).devices)).toEqual([
      "__proto__",
    ]);
  });

  it("an interrupted pause, or one of over four weeks, is not counted", () => {
    const [before, after] = [activityOf(reported(noon), utc), activityOf(reported(noon + hour), utc)];
    expect(joined(before, after, utc, () => true).life?.pauses).toEqual({});
    const muchLater = activityOf(reported(noon + 28 * day + 1), utc);
    expect(joined(before, muchLater, utc).life?.pauses).toEqual({});
  });

  it("no pause is counted between a replayed report and the next, with others in between", () => {
    const device = { id: "door", endpoint: null, name: null, ip: null, type: null };
    const known = sumOf(reported(noon - day, { device }), reported(noon, { device }));
    const heard = sumOf(reported(noon - day, { device }), reported(noon + minute, { device }));
    const { life, devices } = joined(known, heard, utc);
    expect(life).toEqual({ first: noon - day, last: noon + minute, pauses: known.life?.pauses });
    expect(devices["door"]?.pauses).toEqual(known.devices["door"]?.pauses);
  });

  it("signs give the same sum in any grouping, as long as their order is kept", () => {
    const sign = fc.record({
      after: fc.integer({ min: 0, max: 3 * hour }),
      kind: fc.constantFrom("history" as const, "realtime" as const, "live" as const),
      lag: fc.integer({ min: -5000, max: 5000 }),
      isFlagged: fc.boolean(),
      ip: fc.constantFrom("10.0.0.7", "10.0.0.8"),
    });
    fc.assert(
      fc.property(fc.array(sign, { minLength: 2, maxLength: 30 }), fc.nat(), (sent, cut) => {
        let at = noon;
        const signs = sent.map(({ after, lag, ip, ...facts }) => {
          at += after;
          const device = { id: ip, endpoint: null, name: null, ip, type: null };
          return reported(at, { ...facts, sentAt: at - lag, device });
        });
        const border = 1 + (cut % (signs.length - 1));
        const [first, second] = [sumOf(...signs.slice(0, border)), sumOf(...signs.slice(border))];
        const { clock: _, ...parted } = joined(first, second, utc);
        const { clock: __, ...whole } = sumOf(...signs);
        expect(parted).toEqual(whole);
      }),
    );
  });
});
