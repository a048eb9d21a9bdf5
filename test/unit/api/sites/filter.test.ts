import { describe, expect, it } from "vitest";
import { passing, seeds, type TestRuntime, told } from "../support.ts";
import { deviceOf, patch, withSites } from "./support.ts";

type Listed = { id: string; box: string | { id: string } };

async function boxesIn(deps: TestRuntime, path: string, list: string, token?: string): Promise<string[]> {
  const { body } = await told(deps, path, token === undefined ? {} : { token });
  const boxes = (body[list] as Listed[]).map(({ box }) => (typeof box === "string" ? box : box.id));
  return [...new Set(boxes)].toSorted();
}

/** With an action, a flag and a quarantined record at each box. */
async function withWork() {
  const deps = await withSites();
  for (const box of ["gate-1", "gate-2", "lobby", "garage"]) {
    await deps.deliver(passing({ want_action: "1002", reg_pic: "cut off", timestamp: 1_793_851_201_000 }), { box });
  }
  return deps;
}

describe("the filter `site`", () => {
  it.each([
    ["/v1/events", "events"],
    ["/v1/actions", "actions"],
    ["/v1/quarantine", "records"],
    ["/v1/quarantine/groups", "groups"],
    ["/v1/flags", "flags"],
    ["/v1/stats", "buckets"],
  ])("limits %s to the boxes of the site that the caller sees", async (path, list) => {
    const deps = await withWork();
    expect(await boxesIn(deps, path, list)).toEqual(["garage", "gate-1", "gate-2", "lobby"]);
    expect(await boxesIn(deps, `${path}?site=hq`, list)).toEqual(["gate-1", "gate-2"]);
    expect(await boxesIn(deps, `${path}?site=default`, list)).toEqual(["garage"]);
    expect(await boxesIn(deps, `${path}?site=nowhere`, list)).toEqual([]);
    const token = deps.ingest.addKey("read", null, { boxes: ["gate-2", "lobby"] });
    expect(await boxesIn(deps, `${path}?site=hq`, list, token)).toEqual(["gate-2"]);
  });

  it("limits boxes, counts and counted events", async () => {
    const deps = await withWork();
    const { boxes } = (await told(deps, "/v1/boxes?site=hq")).body;
    expect(boxes.map(({ id }: Listed) => id).toSorted()).toEqual(["gate-1", "gate-2"]);
    expect((await told(deps, "/v1/events/count?site=hq")).body.count).toBe(4);
    expect((await told(deps, "/v1/counts?site=city")).body).toMatchObject({ today: 2, actions: { pending: 1 } });
  });

  it("finds the neighbours of an event at the site", async () => {
    const deps = await withWork();
    const { events } = (await told(deps, "/v1/events?site=city")).body;
    const beside = await told(deps, `/v1/events/${events[0].id}/neighbours?site=city`);
    expect(beside.body).toEqual({ newer: null, older: events[1].id });
  });

  it("goes with a cursor of the same site alone, over several pages", async () => {
    const deps = await withWork();
    const first = (await told(deps, "/v1/events?site=hq&limit=3")).body;
    const cursor = encodeURIComponent(first.next);
    const second = (await told(deps, `/v1/events?site=hq&limit=3&cursor=${cursor}`)).body;
    expect([first.events.length, second.events.length, second.next]).toEqual([3, 1, null]);
    expect((await told(deps, `/v1/events?site=city&limit=3&cursor=${cursor}`)).status).toBe(400);
  });

  it("hides nothing of dead letters and actions from a caller who sees every box", async () => {
    const deps = await withWork();
    const { events } = (await told(deps, "/v1/events?site=hq&action=1002")).body;
    const letter = { ...seeds.deadLetter, event: events[0].id };
    const others = [{ ...letter, event: null }, letter];
    deps.deps.deadLetters = {
      list: async (rule) => ({ items: rule === null || rule === letter.rule ? others : [], next: null }),
      send: async () => "unknown",
      sendAll: async () => 0,
    };
    const letters = async (query: string, token = deps.tokens.admin) =>
      (await told(deps, `/v1/deadletters?${query}`, { token })).body.deadletters;
    expect(await letters(`site=hq&rule=${letter.rule}`)).toEqual([letter]);
    expect(await letters("site=city")).toEqual([]);
    const limited = deps.ingest.addKey("read", null, { boxes: ["gate-1", "gate-2"] });
    expect(await letters("site=hq", limited)).toEqual([{ ...letter, rule: null, reason: "not delivered" }]);
  });

  it("is refused if it is malformed, and with the feed of changes", async () => {
    const deps = await withSites();
    for (const query of [
      "site=",
      `site=${"x".repeat(65)}`,
      "site=a%00b",
      "site=hq&site=city",
      "order=received&site=hq",
    ]) {
      expect((await told(deps, `/v1/events?${query}`)).status).toBe(400);
    }
  });

  it("limits an export to the boxes that the site has when it is asked for", async () => {
    const deps = await withSites();
    const ask = (kind: string, site: string, token = deps.tokens.admin) => {
      const body = { kind, ...(kind === "export" ? { format: "csv" } : {}), filter: { site, type: "vip" } };
      return told(deps, "/v1/jobs", { method: "POST", body: JSON.stringify(body), token });
    };
    const filterOf = async (id: string) => {
      const job = await deps.deps.jobs.store.get(id);
      return job !== null && "filter" in job.asked ? job.asked.filter : null;
    };
    for (const kind of ["export", "seen"]) {
      const { body } = await ask(kind, "hq");
      expect(await filterOf(body.id)).toEqual({ type: "vip", boxes: ["gate-1", "gate-2"] });
    }
    const limited = deps.ingest.addKey("read", null, { boxes: ["gate-2", "lobby"] });
    expect(await filterOf((await ask("export", "hq", limited)).body.id)).toEqual({ type: "vip", boxes: ["gate-2"] });
    expect(await ask("export", "default", limited)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("filter.site") },
    });
  });

  it("is how a key for the default site is limited, too", async () => {
    const deps = await withWork();
    const token = deps.ingest.addKey("read", null, { site: "default" });
    expect(await boxesIn(deps, "/v1/events", "events", token)).toEqual(["garage"]);
    await deps.ask("/v1/boxes/lobby", patch({ site: null }));
    expect(await boxesIn(deps, "/v1/events", "events", token)).toEqual(["garage", "lobby"]);
    expect((await told(deps, "/v1/boxes/gate-1", { token })).status).toBe(404);
  });
});

describe("the names in events", () => {
  it("are the current ones in lists, events, changes and actions", async () => {
    const deps = await withWork();
    const placeOf = ({ box, device }: { box: object; device: { label: string; direction: string } }) => ({
      ...box,
      label: device.label,
      direction: device.direction,
    });
    const places = async () => {
      const [listed] = (await told(deps, "/v1/events?box=gate-1&action=1002")).body.events;
      const one = (await told(deps, `/v1/events/${listed.id}`)).body;
      const feed = (await told(deps, "/v1/events?order=received")).body.events;
      const [action] = (await told(deps, "/v1/actions?box=gate-1&with=event")).body.actions;
      const changed = feed.find(({ id }: Listed) => id === listed.id);
      return [listed, one, changed, action.event].map(placeOf);
    };
    const unnamed = { id: "gate-1", name: null, site: "hq", label: null, direction: null };
    expect(await places()).toEqual(Array.from({ length: 4 }, () => expect.objectContaining(unnamed)));
    await deps.ask("/v1/boxes/gate-1", patch({ name: "South gate" }));
    const { devices } = (await told(deps, "/v1/boxes/gate-1")).body;
    for (const { key } of devices) await deps.ask(`/v1/devices/${key}`, patch({ label: "Gate S1", direction: "out" }));
    const named = { id: "gate-1", name: "South gate", site: "hq", label: "Gate S1", direction: "out" };
    expect(await places()).toEqual(Array.from({ length: 4 }, () => expect.objectContaining(named)));
  });

  it("are read once for all events of a page, and again after two seconds", async () => {
    const deps = await withSites();
    await deps.ask("/v1/events");
    const names = async () => {
      const { events } = (await told(deps, "/v1/events")).body;
      return events.find(({ box }: { box: { id: string } }) => box.id === "lobby").box.name;
    };
    deps.ingest.now += 2000;
    expect(await names()).toBeNull();
    // As another process sets it.
    await deps.ingest.boxes.set("lobby", { name: "Lobby" });
    expect(await names()).toBeNull();
    deps.ingest.now += 2000;
    expect(await names()).toBe("Lobby");
  });

  it("a direction that a person has set precedes the direction that the box says", async () => {
    const deps = await withSites();
    const report = { devSno: "BOX1", deviceList: [{ epId: "10.0.0.7", epIp: "10.0.0.7", direction: 0 }] };
    const sync = { box: "lobby", kind: "device-sync" as const, report, receivedAt: deps.ingest.now };
    await deps.ingest.boxStatus.put(sync);
    const direction = async () => (await told(deps, "/v1/events?box=lobby")).body.events[0].device.direction;
    expect(await direction()).toBe("in");
    const key = await deviceOf(deps, "lobby");
    for (const [set, shown] of [
      ["out", "out"],
      ["both", null],
      [null, "in"],
    ]) {
      await deps.ask(`/v1/devices/${key}`, patch({ direction: set ?? null }));
      expect(await direction()).toBe(shown);
    }
  });
});
