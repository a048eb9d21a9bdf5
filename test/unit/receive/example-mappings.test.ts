import { readFileSync } from "node:fs";
import { mappingSchema } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const teach = (name: string) => {
  const text = readFileSync(new URL(`../../../examples/${name}`, import.meta.url), "utf8");
  return deps.reads.mappings.add(mappingSchema().parse(JSON.parse(text)));
};
const post = (path: string, body: unknown) => send(deps, { path: `/${token}/${path}`, body });
const kept = () => [...deps.records.values()].map(({ reason }) => reason);

it("Home Assistant needs no mapping for the body of docs/ways-in.md", async () => {
  const page = readFileSync(new URL("../../../docs/ways-in.md", import.meta.url), "utf8");
  const [, body = ""] = /Home Assistant .*`(\{.*\})`/.exec(page) ?? [];
  await send(deps, { path: `/${token}/home`, body });
  expect(deps.events()).toMatchObject([{ timestamp: 1_772_366_400_000, person: { id: "7", name: "Ann" } }]);
});

describe("the mapping of examples/mappings for", () => {
  it("esp-rfid reads its cards, and keeps none of its signs", async () => {
    await teach("mappings/esp-rfid.json");
    const access = { type: "access", uid: "a1b2c3d4", access: "Always", username: "Ann" };
    const at = (minute: number) => ({ ...access, time: 1_772_366_400 + 60 * minute });
    const bodies = [
      { ...at(0), isKnown: "true", door: "shed" },
      { ...at(1), isKnown: "false", access: "Denied", username: "unknown", door: "shed" },
      { ...at(2), isknown: "true", hostname: "barn" },
      at(3),
    ];
    for (const body of bodies) await post("rfid/send", body);
    const opening = { ...at(4), isKnown: "true", username: "MQTT", uid: " ", door: "shed" };
    await post("rfid/send", opening);
    await post("rfid/send", { type: "boot", time: 1_772_366_400, uptime: "0", ip: "192.168.1.9", hostname: "shed" });
    await post("rfid/send", { type: "heartbeat", time: 1_772_366_400, uptime: 60, ip: "192.168.1.9" });
    expect(kept()).toEqual([]);
    const known = { id: "a1b2c3d4", name: "Ann", type: "employee" };
    expect(deps.events().toSorted((a, b) => a.timestamp - b.timestamp)).toMatchObject([
      { timestamp: 1_772_366_400_000, card: "a1b2c3d4", result: "granted", person: known, device: { id: "shed" } },
      { timestamp: 1_772_366_460_000, result: "denied", person: { type: "unknown" }, device: { id: "shed" } },
      { timestamp: 1_772_366_520_000, result: "granted", person: known, device: { id: "barn" } },
      { timestamp: 1_772_366_580_000, result: "granted", person: { id: "a1b2c3d4", type: "unknown" } },
    ]);
  });

  it("Frigate reads each person once, with the name that was recognised", async () => {
    await teach("mappings/frigate.json");
    const seen = { id: "1772366400.475-abc", camera: "front_door", label: "person", start_time: 1_772_366_400.475 };
    const before = { ...seen, sub_label: null, end_time: null };
    await post("frigate/events", { type: "new", before, after: before });
    const after = { ...seen, sub_label: ["Eli", 0.87], end_time: null };
    await post("frigate/events", { type: "update", before, after });
    await post("frigate/events", { type: "end", before: after, after: { ...after, end_time: 1_772_366_409.5 } });
    expect(kept()).toEqual([]);
    expect(deps.events()).toMatchObject([
      { timestamp: 1_772_366_400_475, person: { id: "Eli", name: "Eli" }, device: { id: "front_door" }, score: 0.87 },
    ]);
  });

  it("Frigate ignores what is not a person, whichever mapping was taught first", async () => {
    await teach("mappings/frigate-others.json");
    await teach("mappings/frigate.json");
    const seen = { id: "1772366400.475-abc", camera: "yard", start_time: 1_772_366_400.475, end_time: 1_772_366_409.5 };
    for (const label of ["car", "dog", "person"]) {
      const after = { ...seen, id: `${seen.id}-${label}`, label, sub_label: null };
      await post("frigate/events", { type: "end", before: after, after });
    }
    expect(kept()).toEqual([]);
    expect(deps.events()).toMatchObject([{ timestamp: 1_772_366_400_475, device: { id: "yard" } }]);
  });

  it("TTLock reads who opened by what, answers as its cloud wants, and keeps no code of a door", async () => {
    await teach("mappings/ttlock.json");
    const lock = { lockId: 163377, lockMac: "AA:BB:CC:DD:EE:FF", electricQuantity: 85, success: 1 };
    const records = [
      { ...lock, recordType: 4, lockDate: 1_772_366_400_000, username: "cleaner", keyboardPwd: "582917" },
      { ...lock, recordType: 7, lockDate: 1_772_366_460_000, username: "Ann", success: 0 },
      { ...lock, recordType: 31, lockDate: 1_772_366_461_000 },
      { ...lock, recordType: 45, lockDate: 1_772_366_470_000 },
    ];
    const body = new URLSearchParams({
      notifyType: "1",
      lockId: "163377",
      records: JSON.stringify(records),
    }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await send(deps, { path: `/${token}/ttlock`, headers, body });
    expect(answer).toMatchObject({ status: 200, body: "success" });
    expect(kept()).toEqual([]);
    expect(deps.events().toSorted((a, b) => a.timestamp - b.timestamp)).toMatchObject([
      { timestamp: 1_772_366_400_000, person: { id: "cleaner" }, method: "passcode", result: "granted" },
      {
        timestamp: 1_772_366_460_000,
        person: { id: "Ann" },
        method: "card",
        result: "denied",
        device: { id: "163377" },
      },
    ]);
    expect(JSON.stringify(deps.events())).not.toContain("582917");
    const documented = {
      electricQuantity: 85,
      lockDate: 1_772_366_480_000,
      username: "alexa",
      recordType: 1,
      success: 1,
    };
    const one = { notifyType: "1", lockId: "163377", lockMac: lock.lockMac, records: JSON.stringify([documented]) };
    await send(deps, { path: `/${token}/ttlock`, headers, body: new URLSearchParams(one).toString() });
    expect(kept()).toEqual([]);
    expect(deps.events()).toHaveLength(3);
  });

  it("CompreFace reads each face of an answer, with its subject if it has one, and stores no template", async () => {
    await teach("mappings/compreface.json");
    const box = { probability: 0.99, x_max: 594, y_max: 144, x_min: 561, y_min: 112 };
    const known = {
      box,
      subjects: [{ subject: "Eli", similarity: 0.97 }],
      mask: { value: "without_mask", probability: 1 },
    };
    const result = [
      { ...known, embedding: [0.07879761, -0.1166541] },
      { box: { ...box, x_max: 700 }, subjects: [] },
    ];
    await post("front-door", { result, plugins_versions: { detector: "facenet.FaceDetector" } });
    expect(kept()).toEqual([]);
    expect(deps.events()).toHaveLength(2);
    expect(deps.events()).toContainEqual(
      expect.objectContaining({
        score: 0.97,
        person: expect.objectContaining({ id: "Eli" }),
        device: expect.objectContaining({ id: "front-door" }),
      }),
    );
    expect(JSON.stringify(deps.events())).not.toContain("0.07879761");
  });

  it("BioStar 2 reads the events of its socket", async () => {
    await teach("mappings/biostar-2.json");
    const Event = {
      id: "7",
      index: "3105",
      datetime: "2026-03-01T12:00:00.00Z",
      server_datetime: "2026-03-01T12:00:01.00Z",
      event_type_id: { code: "4867", name: "IDENTIFY_SUCCESS_FACE" },
      device_id: { id: "538151189", name: "Front door" },
      user_id: { user_id: "12", name: "Ann", photo_exists: "false" },
      tna_key: "0",
    };
    await post("biostar", { Event });
    expect(kept()).toEqual([]);
    expect(deps.events()).toMatchObject([
      {
        timestamp: 1_772_366_400_000,
        person: { id: "12", name: "Ann" },
        device: { id: "538151189", name: "Front door" },
      },
    ]);
  });

  it("action URLs reads what a device calls, at the time of its receipt", async () => {
    await teach("mappings/action-url.json");
    await send(deps, { method: "GET", path: `/${token}/front-door`, query: "event=rfid&card=4711" });
    expect(deps.events()).toMatchObject([
      { timestamp: deps.now, card: "4711", method: "rfid", device: { id: "front-door" } },
    ]);
  });
});
