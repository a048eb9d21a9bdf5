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

describe("the mapping of examples/mappings for", () => {
  it("esp-rfid reads its cards, and keeps none of its signs", async () => {
    await teach("mappings/esp-rfid.json");
    const access = { type: "access", time: 1_772_366_400, uid: "a1b2c3d4", door: "shed" };
    await post("rfid/send", { ...access, isknown: "true", access: "Always", username: "Ann" });
    await post("rfid/send", {
      ...access,
      time: 1_772_366_460,
      isknown: "false",
      access: "Denied",
      username: "Unknown",
    });
    await post("rfid/send", { type: "boot", time: 1_772_366_400, "Wifi SSID": "x", "Local IP": "192.168.1.9" });
    await post("rfid/send", { type: "heartbeat", time: 1_772_366_400, ip: "192.168.1.9", door: "shed" });
    expect(kept()).toEqual([]);
    expect(deps.events().toSorted((a, b) => a.timestamp - b.timestamp)).toMatchObject([
      {
        timestamp: 1_772_366_400_000,
        card: "a1b2c3d4",
        result: "granted",
        person: { id: "a1b2c3d4", name: "Ann", type: "employee" },
        device: { id: "shed" },
      },
      { timestamp: 1_772_366_460_000, result: "denied", person: { type: "unknown" } },
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

  it("action URLs reads what a device calls, at the time of its receipt", async () => {
    await teach("mappings/action-url.json");
    await send(deps, { method: "GET", path: `/${token}/front-door`, query: "event=rfid&card=4711" });
    expect(deps.events()).toMatchObject([
      { timestamp: deps.now, card: "4711", method: "rfid", device: { id: "front-door" } },
    ]);
  });
});
