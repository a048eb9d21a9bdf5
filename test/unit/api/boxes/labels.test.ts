import type { FaceEvent, JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { noon, passing, runtime } from "../support.ts";

const synced = (...deviceList: JsonObject[]) => ({
  box: "gate-1",
  kind: "device-sync" as const,
  report: { devSno: "BOX1", deviceList },
});

async function directionOf(notice: JsonObject[], extData: object = {}): Promise<unknown> {
  const deps = await runtime();
  await deps.deliver(passing({ extData }));
  await deps.ingest.boxStatus.put({ ...synced(...notice), receivedAt: deps.ingest.now });
  const { events } = (await (await deps.ask("/v1/events")).json()) as { events: FaceEvent[] };
  const [listed] = events;
  const one = (await (await deps.ask(`/v1/events/${listed?.id}`)).json()) as FaceEvent;
  const feed = (await (await deps.ask("/v1/events?order=received")).json()) as { events: FaceEvent[] };
  const all = [listed, one, feed.events[0]].map((event) => event?.device.direction);
  expect(new Set(all).size).toBe(1);
  return all[0];
}

describe("the direction of an event's device", () => {
  it("a direction is taken from the list of devices, by id or address", async () => {
    expect(await directionOf([{ epId: "BOX1__10.0.0.2", direction: 1 }])).toBe("out");
    expect(await directionOf([{ epId: "other", epIp: "10.0.0.7", direction: "0" }])).toBe("in");
  });

  it("a direction is unknown without a notice, or if several devices have the address", async () => {
    expect(await directionOf([])).toBeNull();
    expect(await directionOf([{ epId: "BOX1__10.0.0.2" }])).toBeNull();
    const two = ["a", "b"].map((epId) => ({ epId, epIp: "10.0.0.7", direction: 1 }));
    expect(await directionOf(two)).toBeNull();
    expect(await directionOf([{ epId: "BOX1__10.0.0.2", direction: 1 }], { device_ip: "", ep_id: "" })).toBeNull();
  });

  it("a direction of one device is of no other with the same ep_id", async () => {
    const deps = await runtime();
    for (const [n, device_id] of ["cam-a", "cam-b"].entries())
      await deps.deliver(passing({ device_id, identity_id: `${n}`, timestamp: noon - n }));
    await deps.ingest.notes.flushAll();
    const device = { epId: "BOX1__10.0.0.2", epIp: "10.0.0.7", direction: 0 };
    const notices = [device, { ...device, media_device_id: "cam-a" }];
    for (const [n, notice] of notices.entries()) {
      deps.ingest.now += 60_000;
      await deps.ingest.boxStatus.put({ ...synced(notice), receivedAt: deps.ingest.now });
      const { events } = (await (await deps.ask("/v1/events")).json()) as { events: FaceEvent[] };
      expect(events.map((event) => [event.device.id, event.device.direction])).toEqual([
        ["cam-a", n === 0 ? null : "in"],
        ["cam-b", null],
      ]);
    }
  });

  it("directions are read once a minute per box, and not stored with events", async () => {
    const deps = await runtime();
    await deps.deliver(passing());
    const show = async () => {
      const { events } = (await (await deps.ask("/v1/events")).json()) as { events: FaceEvent[] };
      return events[0]?.device.direction;
    };
    expect(await show()).toBeNull();
    await deps.ingest.boxStatus.put({
      ...synced({ epId: "BOX1__10.0.0.2", direction: 0 }),
      receivedAt: deps.ingest.now,
    });
    expect(await show()).toBeNull();
    deps.ingest.now += 60_000;
    expect(await show()).toBe("in");
    expect(deps.ingest.events()[0]?.device.direction).toBeNull();
  });
});
