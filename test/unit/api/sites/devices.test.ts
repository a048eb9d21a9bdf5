import { describe, expect, it } from "vitest";
import { noon, passing, told } from "../support.ts";
import { deviceOf, patch, withSites } from "./support.ts";

describe("the settings of a device", () => {
  it("are set for a device of one box alone", async () => {
    const deps = await withSites();
    const key = await deviceOf(deps, "gate-1");
    expect(key).toMatch(/^dev_[0-9a-hjkmnp-tv-z]{26}$/);
    expect(key).not.toBe(await deviceOf(deps, "gate-2"));
    const set = { label: "Gate S1", direction: "both", directionSet: "both", directionSaid: null, counts: false };
    const { body } = await told(
      deps,
      `/v1/devices/${key}`,
      patch({ label: "Gate S1", direction: "both", counts: false }),
    );
    expect(body).toMatchObject({ box: "gate-1", id: "10.0.0.7", key, ...set });
    expect((await told(deps, "/v1/boxes/gate-1")).body.devices).toMatchObject([set]);
    expect((await told(deps, "/v1/boxes/gate-2")).body.devices).toMatchObject([{ label: null, counts: true }]);
  });

  it("are kept when two people set them at once", async () => {
    const deps = await withSites();
    const key = await deviceOf(deps, "gate-1");
    const asked = [{ label: "Gate S1" }, { direction: "in" }, { counts: false }];
    const answers = await Promise.all(asked.map((body) => told(deps, `/v1/devices/${key}`, patch(body))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await told(deps, "/v1/boxes/gate-1")).body.devices).toMatchObject([
      { label: "Gate S1", direction: "in", counts: false },
    ]);
  });

  it("stay with a device that reports name by its address, and later by its id", async () => {
    const deps = await withSites();
    await deps.ask(`/v1/devices/${await deviceOf(deps, "gate-1")}`, patch({ label: "Gate S1" }));
    await deps.deliver(
      passing({ timestamp: 1_793_851_201_000, extData: { ep_id: "BOX1__S1", device_ip: "10.0.0.7" } }),
    );
    const { devices } = (await told(deps, "/v1/boxes/gate-1")).body;
    expect(devices).toMatchObject([{ id: "BOX1__S1", label: "Gate S1" }]);
    const { events } = (await told(deps, "/v1/events?box=gate-1")).body;
    expect(events.map((event: { device: { label: string } }) => event.device.label)).toEqual(["Gate S1", "Gate S1"]);
  });

  it("are not given to the devices that share the address of another", async () => {
    const deps = await withSites();
    for (const [n, ep_id] of ["CAM__1", "CAM__2"].entries()) {
      const extData = { ep_id, device_ip: "10.0.0.9" };
      await deps.deliver(passing({ timestamp: 1_793_851_202_000 + n, extData }), { box: "gate-2" });
    }
    const { devices } = (await told(deps, "/v1/boxes/gate-2")).body;
    const one = devices.find(({ id }: { id: string }) => id === "CAM__1");
    await deps.ask(`/v1/devices/${one.key}`, patch({ label: "Camera 1" }));
    const { events } = (await told(deps, "/v1/events?box=gate-2")).body;
    const labels = events.map(({ device }: { device: Record<string, string> }) => [
      device["endpoint"],
      device["label"],
    ]);
    expect(labels).toEqual([
      ["CAM__2", null],
      ["CAM__1", "Camera 1"],
      [null, null],
    ]);
  });

  it("are not given to devices with the ep_id of another", async () => {
    const deps = await withSites();
    const pass = async (device_id: string, identity_id: string, at: number) => {
      const extData = { ep_id: "0xe0a509001092__192.168.1.100", device_ip: "192.168.1.100" };
      const timestamp = noon - 60_000 + at;
      await deps.deliver(passing({ device_id, identity_id, identity_name: identity_id, timestamp, extData }), {
        box: "garage",
      });
    };
    await pass("cam-a", "R1", 1);
    await pass("cam-b", "R2", 2);
    const { devices } = (await told(deps, "/v1/boxes/garage")).body;
    const one = devices.find(({ id }: { id: string }) => id === "cam-a");
    await deps.ask(`/v1/devices/${one.key}`, patch({ label: "Entry", direction: "in" }));
    const { events } = (await told(deps, "/v1/events?box=garage&to=2026-11-05T04:00:00Z")).body;
    const shown = events.map(({ device }: { device: Record<string, string> }) => [
      device["id"],
      device["label"],
      device["direction"],
    ]);
    expect(shown).toEqual([
      ["cam-b", null, null],
      ["cam-a", "Entry", "in"],
    ]);
    const { people, counted } = (await told(deps, "/v1/presence?site=default")).body;
    expect(people.map(({ id }: { id: string }) => id)).toEqual(["R1"]);
    expect(counted.in).toEqual([one.key]);
    await deps.ask(`/v1/devices/${one.key}`, patch({ direction: "out" }));
    const hours = (await told(deps, "/v1/hours?site=default&from=2026-11-05&to=2026-11-05")).body;
    const first = hours.people.map(({ id, days: [day] }: { id: string; days: { in: string | null }[] }) => [
      id,
      day?.in,
    ]);
    expect(first.slice(1)).toEqual([
      ["R1", null],
      ["R2", "2026-11-05T03:59:00.002Z"],
    ]);
  });

  it("are found by a shared name for a device without another name", async () => {
    const deps = await withSites();
    const at = { ep_id: "BOX1__10.0.0.9", device_ip: "10.0.0.9" };
    const names = [
      ["cam-a", at],
      ["cam-b", at],
      [null, at],
      [null, { ep_id: "", device_ip: "10.0.0.9" }],
    ] as const;
    for (const [n, [device_id, extData]] of names.entries()) {
      await deps.deliver(passing({ device_id, timestamp: noon - 60_000 + n, identity_id: `${n}`, extData }), {
        box: "garage",
      });
    }
    const { devices } = (await told(deps, "/v1/boxes/garage")).body;
    for (const { id, key } of devices) await deps.ask(`/v1/devices/${key}`, patch({ label: `of ${id}` }));
    const { events } = (await told(deps, "/v1/events?box=garage&to=2026-11-05T04:00:00Z")).body;
    expect(events.map(({ device }: { device: { label: string } }) => device.label)).toEqual([
      "of 10.0.0.9",
      "of BOX1__10.0.0.9",
      "of cam-b",
      "of cam-a",
    ]);
  });

  it.each([
    [{}, "give label, direction or counts"],
    [{ direction: "up" }, "direction"],
    [{ label: "x".repeat(65) }, "label"],
    [{ label: "a\u202eb" }, "label"],
    [{ counts: "yes" }, "counts"],
    [{ name: "x" }, "name"],
  ])("a change that is not understood is refused: %j", async (body, why) => {
    const deps = await withSites();
    const answer = await told(deps, `/v1/devices/${await deviceOf(deps, "gate-1")}`, patch(body));
    expect([answer.status, answer.body.detail]).toEqual([400, expect.stringContaining(why)]);
  });

  it("cannot be set under a key that no device has", async () => {
    const deps = await withSites();
    const key = await deviceOf(deps, "gate-1");
    const ofAnotherBox = key.slice(0, 14) + (await deviceOf(deps, "gate-2")).slice(14);
    for (const unknown of [
      ofAnotherBox,
      key.toUpperCase(),
      `${key}0`,
      "10.0.0.7",
      "dev_",
      "__proto__",
      "%F0%9F%9A%AA",
    ]) {
      expect((await told(deps, `/v1/devices/${unknown}`, patch({ counts: false }))).status).toBe(404);
    }
  });
});
