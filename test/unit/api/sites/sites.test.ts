import { signOfReport } from "@gatepost/core/boxes";
import { describe, expect, it } from "vitest";
import { report } from "../../../contract/samples.ts";
import { addAccount, signedIn } from "../people.ts";
import type { TestRuntime } from "../support.ts";
import { told } from "../support.ts";
import { deviceOf, patch, put, type SiteAnswer, withSites } from "./support.ts";

async function boxesOfSites(deps: TestRuntime, asked?: Parameters<TestRuntime["ask"]>[1]) {
  const { body } = await told(deps, "/v1/sites", asked);
  return Object.fromEntries((body.sites as SiteAnswer[]).map(({ id, boxes }) => [id, boxes]));
}

describe("sites over HTTP", () => {
  it("lists stored sites, sites that boxes name, and the default site", async () => {
    const deps = await withSites();
    await deps.ask("/v1/sites/depot", put({ name: "Depot" }));
    expect(await boxesOfSites(deps)).toEqual({
      city: ["lobby"],
      default: ["garage"],
      depot: [],
      hq: ["gate-1", "gate-2"],
    });
    expect((await told(deps, "/v1/sites/hq")).body).toEqual({
      id: "hq",
      name: "hq",
      place: null,
      zone: "UTC",
      boxes: ["gate-1", "gate-2"],
      devices: 2,
      sharesPeople: false,
      keepsPeopleApart: false,
      workWeek: [1, 2, 3, 4, 5],
      holidays: [],
      presence: "none",
      why: [await deviceOf(deps, "gate-1"), await deviceOf(deps, "gate-2")],
    });
    expect((await told(deps, "/v1/sites/HQ")).status).toBe(404);
  });

  it("lists for a limited caller the sites of its boxes, and its own", async () => {
    const deps = await withSites();
    await deps.ask("/v1/sites/depot", put({ name: "Depot" }));
    const ofBox = { token: deps.ingest.addKey("read", null, { boxes: ["gate-2"] }) };
    expect(await boxesOfSites(deps, ofBox)).toEqual({ hq: ["gate-2"] });
    expect((await told(deps, "/v1/sites/city", ofBox)).status).toBe(404);
    expect((await told(deps, "/v1/sites/default", ofBox)).status).toBe(404);
    const guard = await addAccount(deps, "guard", { sites: ["depot", "default"] });
    expect(await boxesOfSites(deps, { headers: await signedIn(deps, guard) })).toEqual({
      depot: [],
      default: ["garage"],
    });
  });

  it("sets the given members of a site alone", async () => {
    const deps = await withSites();
    const whole = { name: "HQ", place: "Riverside Road 8", zone: "Asia/Shanghai", sharesPeople: true };
    await deps.ask("/v1/sites/hq", put(whole));
    const { body } = await told(
      deps,
      "/v1/sites/hq",
      put({ holidays: ["2026-10-02", "2026-10-01"], workWeek: [7, 1] }),
    );
    expect(body).toMatchObject({ ...whole, holidays: ["2026-10-01", "2026-10-02"], workWeek: [1, 7] });
  });

  it("removes a site only once it has no boxes, and never the default one", async () => {
    const deps = await withSites();
    await deps.ask("/v1/sites/city", put({ name: "City" }));
    const remove = (id: string) => told(deps, `/v1/sites/${id}`, { method: "DELETE" });
    expect(await remove("city")).toMatchObject({
      status: 409,
      body: { code: "has-boxes", detail: expect.stringContaining("lobby") },
    });
    await deps.ask("/v1/boxes/lobby", patch({ site: "default" }));
    expect((await remove("city")).status).toBe(204);
    expect((await remove("city")).status).toBe(404);
    expect((await remove("default")).status).toBe(409);
    expect(await boxesOfSites(deps)).toEqual({ default: ["garage", "lobby"], hq: ["gate-1", "gate-2"] });
  });

  it("joins composed and decomposed ids, and no other ids that look alike", async () => {
    const deps = await withSites();
    await deps.ask(`/v1/sites/${encodeURIComponent("Café")}`, put({ name: "one" }));
    await deps.ask("/v1/boxes/lobby", patch({ site: "Café".normalize("NFD") }));
    await deps.ask("/v1/boxes/garage", patch({ site: "hԛ" }));
    expect(await boxesOfSites(deps)).toMatchObject({ Café: ["lobby"], hԛ: ["garage"], hq: ["gate-1", "gate-2"] });
  });

  it.each([
    [{}, "give a member to set"],
    [{ holidays: Array.from({ length: 401 }, () => "2026-10-01") }, "give 400 dates at most"],
    [{ holidays: Array.from({ length: 10_000 }, () => "2026-10-01") }, "the body may have 64 KB"],
    [{ holidays: ["2026-02-30"] }, "holidays"],
    [{ holidays: ["2026-10-01T00:00:00Z"] }, "holidays"],
    [{ workWeek: [1, 1] }, "workWeek: must name each day once"],
    [{ workWeek: [0] }, "workWeek"],
    [{ workWeek: [8] }, "workWeek"],
    [{ zone: "Mars/Olympus" }, "zone"],
    [{ zone: "../../etc/passwd" }, "zone"],
    [{ name: "x".repeat(65) }, "name"],
    [{ name: "hq\u0000" }, "name: must not have control or invisible characters"],
    [{ place: "x".repeat(201) }, "place"],
    [{ sharesPeople: true, keepsPeopleApart: true }, "sharesPeople and keepsPeopleApart cannot both be true"],
    [{ id: "other" }, "id"],
    [{ cells: 3 }, "cells"],
  ])("a change that is not understood is refused with a reason: %#", async (body, why) => {
    const deps = await withSites();
    const answer = await told(deps, "/v1/sites/hq", put(body));
    expect([400, 413]).toContain(answer.status);
    expect(answer.body.detail).toContain(why);
    expect(await deps.deps.sites.get("hq")).toBeNull();
  });

  it.each(["x".repeat(65), "a\u200bb", "a\nb"])(
    "the id of a site has visible characters, 64 at most: %#",
    async (id) => {
      const deps = await withSites();
      expect((await told(deps, `/v1/sites/${encodeURIComponent(id)}`, put({ name: "x" }))).status).toBe(400);
      expect((await told(deps, "/v1/boxes/lobby", patch({ site: id }))).status).toBe(400);
    },
  );
});

describe("whether it can be counted who is inside", () => {
  it("follows from the directions of the devices that count", async () => {
    const deps = await withSites();
    const [one, other] = [await deviceOf(deps, "gate-1"), await deviceOf(deps, "gate-2")];
    const presence = async () => {
      const { presence: is, why } = (await told(deps, "/v1/sites/hq")).body;
      return [is, why];
    };
    await deps.ask(`/v1/devices/${one}`, patch({ direction: "in" }));
    expect(await presence()).toEqual(["partly", [other]]);
    await deps.ask(`/v1/devices/${other}`, patch({ direction: "out" }));
    expect(await presence()).toEqual(["exact", []]);
    await deps.ask(`/v1/devices/${other}`, patch({ direction: "both" }));
    expect(await presence()).toEqual(["partly", [other]]);
    await deps.ask(`/v1/devices/${other}`, patch({ counts: false }));
    expect(await presence()).toEqual(["partly", []]);
    await deps.ask(`/v1/devices/${one}`, patch({ direction: null }));
    expect(await presence()).toEqual(["none", [one]]);
  });

  it("follows from the directions that passings have themselves", async () => {
    const deps = await withSites();
    const [one, other] = [await deviceOf(deps, "gate-1"), await deviceOf(deps, "gate-2")];
    const pass = async (box: string, direction: "in" | "out") => {
      deps.ingest.notes.add([signOfReport(box, report({ device: { ip: "10.0.0.7", direction } }))]);
      await deps.ingest.notes.flushAll();
      const { presence, why } = (await told(deps, "/v1/sites/hq")).body;
      return [presence, why];
    };
    expect(await pass("gate-1", "in")).toEqual(["partly", [other]]);
    await pass("gate-2", "out");
    expect(await pass("gate-2", "in")).toEqual(["exact", []]);
    const { devices } = (await told(deps, "/v1/boxes/gate-2")).body;
    expect(devices).toMatchObject([{ direction: null, directionsSent: ["in", "out"] }]);
    const { counted } = (await told(deps, "/v1/presence?site=hq")).body;
    expect(counted).toEqual({ in: [one, other], out: [other], none: [] });
    await deps.ask(`/v1/devices/${other}`, patch({ direction: "ignore" }));
    expect((await told(deps, "/v1/sites/hq")).body).toMatchObject({ presence: "partly", why: [other] });
    expect((await told(deps, "/v1/presence?site=hq")).body.counted).toEqual({ in: [one], out: [], none: [other] });
  });
});
