import { describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

/** Boxes with display names, each with one device. */
async function withBoxes() {
  const deps = await runtime();
  for (const [box, name] of [
    ["gate-10", null],
    ["gate-2", null],
    ["east", "南门 Gate"],
    ["gatehouse", "Porter"],
  ] as const) {
    await deps.deliver(passing({ extData: { ep_id: `${box}-EP`, device_ip: "10.0.0.9" } }), { box });
    if (name !== null) await deps.ask(`/v1/boxes/${box}`, { method: "PATCH", body: JSON.stringify({ name }) });
  }
  deps.ingest.now = noon + 5000;
  return deps;
}

async function found(deps: TestRuntime, q: string, asked: Parameters<TestRuntime["ask"]>[1] = {}) {
  const answer = await deps.ask(`/v1/find?${new URLSearchParams({ q })}`, asked);
  const { boxes, devices, event } = (await answer.json()) as Record<"boxes" | "devices", { id: string }[]> & {
    event: string | null;
  };
  return { boxes: boxes.map(({ id }) => id), devices: devices.map(({ id }) => id), event };
}

describe("finding", () => {
  it("puts names that begin with the text first, then ids, then the others", async () => {
    const deps = await withBoxes();
    expect((await found(deps, "GATE")).boxes).toEqual(["gate-1", "gate-2", "gate-10", "gatehouse", "east"]);
    expect((await found(deps, "ｐort")).boxes).toEqual(["gatehouse"]);
    expect((await found(deps, "南门")).boxes).toEqual(["east"]);
    expect(await found(deps, "nothing")).toEqual({ boxes: [], devices: [], event: null });
  });

  it("finds devices by their display names", async () => {
    const deps = await withBoxes();
    const { devices } = (await (await deps.ask("/v1/boxes/east")).json()) as { devices: { id: string; key: string }[] };
    const [device] = devices;
    const body = JSON.stringify({ label: "Turnstile 3" });
    await deps.ask(`/v1/devices/${device?.key}`, { method: "PATCH", body });
    expect((await found(deps, "turnstile")).devices).toEqual([device?.id]);
  });

  it("gives the keys of devices, as passings of people name them", async () => {
    const deps = await withBoxes();
    const answer = await deps.ask("/v1/find?limit=100");
    const { devices } = (await answer.json()) as { devices: { key: string; box: string }[] };
    const box = (await (await deps.ask("/v1/boxes/east")).json()) as { devices: { key: string }[] };
    expect(devices.filter((one) => one.box === "east").map(({ key }) => key)).toEqual(
      box.devices.map(({ key }) => key),
    );
  });

  it("finds people for callers who may read them, by name, id and pinyin", async () => {
    const deps = await runtime();
    await deps.deliver(passing({ identity_id: "3", identity_name: "刘芳" }));
    await deps.deliver(passing({ identity_id: "13", identity_name: "Ada" }), { box: "gate-2" });
    deps.ingest.now = noon + 5000;
    const people = async (q: string, asked: Parameters<TestRuntime["ask"]>[1] = {}) => {
      const answer = await deps.ask(`/v1/find?${new URLSearchParams({ q })}`, asked);
      return ((await answer.json()) as { people: object[] }).people;
    };
    const liu = { library: "gate-1", id: "3", name: "刘芳" };
    expect(await people("lf")).toEqual([liu]);
    expect(await people("3")).toEqual([liu, { library: "gate-2", id: "13", name: "Ada" }]);
    expect(await people("")).toEqual([]);
    expect(await people("lf", { token: deps.tokens.read })).toEqual([]);
    expect(await people("lf", { token: deps.ingest.addKey("read", null, { people: true }) })).toEqual([liu]);
    const guard = await signedIn(deps, await addAccount(deps, "guard"));
    expect(await people("lf", { headers: guard })).toEqual([]);
    const limited = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-2"] }));
    expect(await people("3", { headers: limited })).toMatchObject([{ id: "13" }]);
    await deps.deps.peopleSettings.set({ isOn: false, hoursDays: null });
    expect(await people("lf")).toEqual([]);
  });

  it("finds an event by its id", async () => {
    const deps = await withBoxes();
    const id = deps.ingest.events()[0]?.id ?? expect.fail("no event");
    expect((await found(deps, ` ${id.toUpperCase()} `)).event).toBe(id);
    expect((await found(deps, id.slice(0, -1))).event).toBeNull();
  });

  it("shows a limited person nothing of other boxes", async () => {
    const deps = await withBoxes();
    const headers = await signedIn(deps, await addAccount(deps, "guard", { boxes: ["gate-2"] }));
    const [event] = deps.ingest.events().filter(({ box }) => String(box) !== "gate-2");
    expect((await found(deps, "", { headers })).boxes).toEqual(["gate-2"]);
    expect((await found(deps, event?.id ?? "", { headers })).event).toBeNull();
  });

  it.each([`limit=0`, `limit=1001`, `limit=x`, `q=${"a".repeat(257)}`, "q=a&q=b"])("refuses %s", async (query) => {
    expect((await (await runtime()).ask(`/v1/find?${query}`)).status).toBe(400);
  });
});
