import {
  type BoxActivity,
  type BoxSign,
  LocalHours,
  newRecord,
  showBox,
  signOfNotice,
  summed,
} from "@gatepost/core/boxes";
import { boxSchema, type JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { day, hour, minute, noon, reported, week } from "./support.ts";

const utc = new LocalHours("UTC");

function activity(...signs: BoxSign[]): BoxActivity | null {
  return summed(signs, utc).get("gate-1") ?? null;
}

function shown(
  { notices = [], ...known }: Partial<ReturnType<typeof newRecord>> & { notices?: JsonObject[] } = {},
  pauses = {},
) {
  const record = { ...newRecord("gate-1"), ...known };
  const said = notices.map((report, back) => ({ receivedAt: noon - back, report }));
  const box = showBox(record, { hours: utc, now: noon, pauses, notices: said, rhythm: null, isCounted: true });
  expect(boxSchema.parse(box)).toEqual(box);
  return box;
}

describe("a box as readers get it", () => {
  it("a box is new before its first sign", () => {
    expect(shown()).toMatchObject({
      id: "gate-1",
      state: "new",
      since: null,
      firstSeen: null,
      lastSeen: null,
      kinds: [],
      devices: [],
      silence: { afterMs: hour, usualMs: null, isOverride: false, isExpected: false },
      flagged: { rate: null },
      refused: { "413": 0, "429": 0, turnOff: null },
    });
  });

  it("a silent box shows its last sign as the start, and no old kind today", () => {
    const old = noon - 2 * 24 * hour;
    expect(shown({ activity: activity(reported(old)), silentSince: old })).toMatchObject({
      state: "silent",
      since: "2026-11-18T12:00:00.000Z",
      lastSeen: "2026-11-18T12:00:00.000Z",
      kinds: [{ kind: "history", dialect: "history-v6", lastSeen: "2026-11-18T12:00:00.000Z", today: 0, lagMs: 1000 }],
    });
  });

  it("a box shows its limit of silence, and whether a person has set it", () => {
    const life = { first: noon - 2 * week, last: noon, pauses: {} };
    const known = { ...summed([reported(noon)], utc).get("gate-1"), life } as BoxActivity;
    const pauses = { [utc.hourOf(noon - week)]: 8 * minute };
    expect(shown({ activity: known }, pauses).silence).toEqual({
      afterMs: 24 * minute,
      usualMs: 8 * minute,
      isOverride: false,
      isExpected: false,
    });
    expect(shown({ activity: known, afterMs: hour, isExpected: true }, pauses).silence).toEqual({
      afterMs: hour,
      usualMs: 8 * minute,
      isOverride: true,
      isExpected: true,
    });
  });

  it("a box with refused large bodies names the switch for smaller ones, if any", () => {
    const refused: BoxSign = { box: "gate-1", kind: "refused", status: 413, receivedAt: noon };
    const after = (...signs: BoxSign[]) => shown({ activity: activity(...signs, refused) }).refused;
    expect(after(reported(noon, { dialect: "history-flat" }))).toEqual({
      "413": 1,
      "429": 0,
      turnOff: "history_need_spot_pic",
    });
    expect(after(reported(noon, { kind: "realtime", dialect: "se3-realtime" }))?.turnOff).toBe("real_need_reg_pic");
    expect(after(reported(noon))?.turnOff).toBeNull();
    expect(after()).toEqual({ "413": 1, "429": 0, turnOff: null });
  });

  it("a box shows how many of its reports have a flag", () => {
    const signs = [1, 2, 3].map((at) => reported(noon + at, { isFlagged: at === 1 }));
    expect(shown({ activity: activity(...signs) }).flagged.rate).toBe(0.3333);
  });
});

describe("the unexpected paths of a box", () => {
  const at = (time: number, unexpectedAt: string) => reported(time, { unexpectedAt });
  const pathsOf = (...signs: BoxSign[]) =>
    shown({ activity: activity(...signs) }).unexpectedPaths.map(({ type, lastSeen }) => [type, lastSeen.slice(11, 19)]);

  it("are listed once each, the last first", () => {
    expect(pathsOf(reported(noon - 9), at(noon - 3000, "live"), at(noon - 2000, "async"), at(noon, "live"))).toEqual([
      ["live", "12:00:00"],
      ["async", "11:59:58"],
    ]);
  });

  it("are no longer listed a day after the last report", () => {
    expect(pathsOf(at(noon - day, "live"), at(noon - day + 1, "async"))).toMatchObject([["async", "12:00:00"]]);
  });

  it("are the last eight", () => {
    const signs = Array.from({ length: 20 }, (_, n) => at(noon - 100 + n, `type-${n}`));
    expect(pathsOf(...signs).map(([type]) => type)).toEqual([19, 18, 17, 16, 15, 14, 13, 12].map((n) => `type-${n}`));
  });
});

describe("the facts about a box", () => {
  it("the facts are read from the available notices", () => {
    expect(shown({ notices: [fixture("status", "complete")] }).about).toEqual({
      model: null,
      firmware: "2.4",
      name: "gate",
      ip: "192.168.1.64",
      serial: "ZKZCPI000120190807142601",
      alternatingSerials: [],
      via: null,
      temperature: null,
      diskFreeBytes: null,
      memoryRate: null,
    });
    expect(shown({ notices: [fixture("platform-device-status", "complete")] }).about.serial).toBe("AKOPKKKKK");
  });

  it("the serial is taken from events if the box status has none", () => {
    const known = { activity: activity(reported(noon, { serial: "S1" })) };
    expect(shown(known).about).toMatchObject({ serial: "S1", alternatingSerials: [] });
    expect(shown({ ...known, notices: [{ dev_sno: "S2" }] }).about.serial).toBe("S2");
  });

  it("alternating serials of events and box status are listed", () => {
    const status = (at: number) =>
      signOfNotice({ box: "gate-1", kind: "status", receivedAt: at, report: { dev_sno: "S2", gateway_sn: "2" } });
    const serial = "S1";
    const signs = [reported(noon - 3, { serial }), status(noon - 2), reported(noon - 1, { serial }), status(noon)];
    expect(shown({ activity: activity(...signs) }).about.alternatingSerials).toEqual(["S1", "S2"]);
    expect(shown({ activity: activity(...signs.slice(0, 2)) }).about.alternatingSerials).toEqual([]);
  });

  it.each<[string, JsonObject, object]>([
    ["a simple status", { temperature: 61, disk_free_size: 2.1, memory_usage: 38 }, { diskFreeBytes: 2254857830 }],
    ["texts with units", { temperature: "61 °C", disk_free_size: "2.1G", memory_usage: "38%" }, {}],
    ["a detailed status", { temperature: "61", memory_info: { rate: 0.38 }, disk_info: { free: "2.1G" } }, {}],
    ["used of total", { temperature: 61, memory_info: { used: "3.8G", total: "10G" }, hdd: { free: "2.1 GB" } }, {}],
  ])("the numbers are read from %s", (_, gateway_ext_data) => {
    const { temperature, diskFreeBytes, memoryRate } = shown({
      notices: [{ gateway_sn: "1", gateway_ext_data }],
    }).about;
    expect({ temperature, diskFreeBytes, memoryRate }).toEqual({
      temperature: 61,
      diskFreeBytes: 2254857830,
      memoryRate: expect.closeTo(0.38),
    });
  });

  it.each<[string, JsonObject]>([
    ["is no number", { temperature: "hot", disk_free_size: "much", memory_usage: null }],
    ["cannot be", { temperature: 9e9, disk_free_size: -1, memory_usage: 4000 }],
    ["is no object", { memory_info: [], disk_info: 7, hdd: "1G" }],
    ["divides by nothing", { memory_info: { used: "1G", total: "0G" } }],
  ])("a number that %s is left out", (_, gateway_ext_data) => {
    expect(shown({ notices: [{ gateway_sn: "1", gateway_ext_data }] }).about).toMatchObject({
      temperature: null,
      diskFreeBytes: null,
      memoryRate: null,
    });
  });

  it("the model is guessed from its dialects if no notice gives it", () => {
    expect(shown({ activity: activity(reported(noon)) }).about).toMatchObject({ firmware: "V6", via: "direct" });
    const live = reported(noon + 1, { kind: "live", dialect: "ws-v5" });
    expect(shown({ activity: activity(reported(noon), live) }).about).toMatchObject({ model: "SE5", via: "bridge" });
  });
});

describe("the devices of a box", () => {
  const sync = (direction: unknown, epStatus: unknown = "online") =>
    ({
      devSno: "S",
      deviceList: [{ epId: "S__10.0.0.7", epIp: "10.0.0.7", epName: "dock, in", direction, epStatus }],
    }) as JsonObject;

  it("a device has the direction of the list of devices", () => {
    for (const [sent, direction] of [
      [0, "in"],
      ["1", "out"],
      ["OUT", "out"],
      [7, null],
      [{}, null],
    ]) {
      expect(shown({ notices: [sync(sent)] }).devices).toMatchObject([{ id: "S__10.0.0.7", direction }]);
    }
  });

  it("a device that reports name by address and notices by id is listed once", () => {
    const device = { id: "10.0.0.7", endpoint: null, name: null, ip: "10.0.0.7", type: null };
    expect(shown({ activity: activity(reported(noon, { device })), notices: [sync(0, "1")] }).devices).toMatchObject([
      {
        id: "10.0.0.7",
        name: "dock, in",
        ip: "10.0.0.7",
        type: null,
        direction: "in",
        isOnline: true,
        state: "reports",
        since: null,
        lastSeen: "2026-11-20T12:00:00.000Z",
      },
    ]);
  });

  describe("several devices with one address", () => {
    const at = "192.168.1.9";
    const endpoint = (number: number) => `0xaa__rtsp://${at}:554/${number}`;
    const camera = (number: number, epName: string, changes: JsonObject = {}): JsonObject => ({
      epId: endpoint(number),
      epIp: at,
      epName,
      direction: number - 1,
      epStatus: number === 2 ? "online" : "offline",
      ...changes,
    });
    const both = { devSno: "S", deviceList: [camera(1, "camera 1 IN"), camera(2, "camera 2 OUT")] };
    const passed = (id: string, number: number | null, after: number) => {
      const device = { id, endpoint: number === null ? null : endpoint(number), name: null, ip: at, type: null };
      return reported(noon + after, { device });
    };
    const named = (devices: ReturnType<typeof shown>["devices"]) =>
      devices.map(({ id, name, direction, isOnline }) => [id, name, direction, isOnline]);

    it("devices are found by their ep_id, in any order of arrival", () => {
      const signs = [passed("uuid-2", 2, 0), passed("uuid-1", 1, 1)];
      const synced = signOfNotice({ box: "gate-1", kind: "device-sync", receivedAt: noon - 1, report: both });
      for (const heard of [
        signs,
        signs.toReversed(),
        [synced, ...signs],
        [...signs, { ...synced, receivedAt: noon + 2 }],
      ]) {
        expect(named(shown({ activity: activity(...heard), notices: [both] }).devices)).toEqual([
          ["uuid-1", "camera 1 IN", "in", false],
          ["uuid-2", "camera 2 OUT", "out", true],
        ]);
      }
    });

    it("each device shows only its own name and state, and nothing is guessed", () => {
      const list = { devSno: "S", deviceList: [camera(2, "camera 2 OUT")] };
      const heard = activity(passed("a-stranger", null, 0), passed(endpoint(2), 2, 1));
      expect(named(shown({ activity: heard, notices: [list] }).devices)).toEqual([
        [endpoint(2), "camera 2 OUT", "out", true],
        ["a-stranger", null, null, null],
      ]);
      expect(named(shown({ activity: activity(passed("a-stranger", null, 0)), notices: [both] }).devices)).toEqual([
        [endpoint(1), "camera 1 IN", "in", false],
        [endpoint(2), "camera 2 OUT", "out", true],
        ["a-stranger", null, null, null],
      ]);
    });

    it("devices of one ep_id show none of what a notice says of it", () => {
      const cameraAt2 = (id: string, after: number) => {
        const device = { id, endpoint: endpoint(2), name: null, ip: at, type: null };
        return reported(noon + after, { device });
      };
      const heard = activity(cameraAt2("cam-a", 0), cameraAt2("cam-b", 1));
      const notices = [{ devSno: "S", deviceList: [camera(2, "camera 2 OUT")] }];
      expect(named(shown({ activity: heard, notices }).devices)).toEqual([
        [endpoint(2), "camera 2 OUT", "out", true],
        ["cam-a", null, null, null],
        ["cam-b", null, null, null],
      ]);
    });

    it("a device is found if a notice gives both its id and its ep_id", () => {
      const platform = { sub_devices: [{ media_device_id: "uuid-2", ep_id: endpoint(2), ep_name: "camera 2" }] };
      const [device] = shown({ activity: activity(passed(endpoint(2), 2, 0)), notices: [platform] }).devices;
      expect(device).toMatchObject({ id: endpoint(2), name: "camera 2" });
    });
  });

  it("values missing in the newest notice are taken from an older one", () => {
    const status = { dev_sno: "S", sub_devices: [{ ep_id: "S__10.0.0.7", ep_status: "offline" }] };
    expect(shown({ notices: [status, sync(1)] }).devices).toMatchObject([{ direction: "out", isOnline: false }]);
  });

  it("broken devices are left out", () => {
    const broken = [null, 7, [], {}, { epId: "" }, { epId: { a: 1 } }];
    expect(
      shown({
        notices: [
          { devSno: "S", deviceList: broken },
          { devSno: "S", deviceList: "x" },
        ],
      }).devices,
    ).toEqual([]);
  });

  it("a notice gives at most five hundred devices, with shortened texts", () => {
    const deviceList = Array.from({ length: 600 }, (_, number) => ({ epId: `${number} ${"x".repeat(300)}` }));
    const { devices } = shown({ notices: [{ devSno: "S", deviceList }] });
    expect(devices).toHaveLength(500);
    expect(devices[0]?.id).toHaveLength(128);
  });
});
