import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@gatepost/bridge";
import { describe, expect, it } from "vitest";
import { atEnd, until } from "../../../unit/simulator/support.ts";
import { versions } from "../people/support.ts";
import { actionOf, approve, ended, newPhoto, passesAgain, stranger, undo, type World, world } from "./world.ts";

/** Erases the event of an action. */
const erase = ({ url, runtime }: World, action: string) =>
  fetch(`${url}/v1/events/evt_${action.slice(4, 30)}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${runtime.adminToken}` },
  });

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(versions)("on generation %s", (_, version) => {
  it("an approved stranger is recognised by name until the undo", async () => {
    const here = await world({ "gate-1": version });
    const box = here.box("gate-1");
    here.act();
    const { id, passing } = await stranger(here, box);
    expect(await approve(here, id, { name: "小明", type: "vip" })).toBe(200);
    expect(await ended(here, id)).toMatchObject({
      state: "done",
      approval: { boxes: [{ box: "gate-1", state: "done" }] },
    });
    expect(box.named("小明")).toBe(1);
    const again = await passesAgain(here, box, passing);
    expect([again.person.name, again.person.type, again.wantAction]).toEqual(["小明", "vip", "0"]);

    const kept = join(here.folder, "kept");
    expect(readdirSync(kept).map((name) => statSync(join(kept, name)).mode & 0o777)).toEqual([0o600]);
    expect((await here.client.post(`/v1/actions/${id}/approval/undo`, {})).status).toBe(200);
    expect(await ended(here, id)).toMatchObject({ state: "done", approval: { order: "undo" } });
    expect(box.named("小明")).toBe(0);
    expect(readdirSync(kept)).toEqual([]);
    expect((await passesAgain(here, box, passing)).person.type).toBe("stranger");
  });
});

describe("an order for several boxes", () => {
  it("is done at each generation, fails if full, and waits for an absent box", async () => {
    const here = await world({ a: "V2R4", b7: "V5R7", c: "V6" });
    const [first, full, away] = [here.box("a"), here.box("b7"), here.box("c")];
    full.library.settings.capacity = 5;
    await away.goAway();
    here.act({ random: () => 0 });
    const { id, passing } = await stranger(here, first);
    await approve(here, id, { name: "Ada", type: "employee", boxes: "all" });
    const outcomes = async () =>
      Object.fromEntries((await actionOf(here, id)).approval?.boxes.map(({ box, state }) => [box, state]) ?? []);
    await until(async () => (await outcomes())["b7"] === "failed");
    expect(await actionOf(here, id)).toMatchObject({ state: "failed", reason: expect.stringMatching(/full/i) });
    await until(async () => (await outcomes())["a"] === "done");
    expect(await outcomes()).toEqual({ a: "done", b7: "failed", c: "waiting" });
    await away.comeBack();
    await until(async () => (await outcomes())["c"] === "done");
    expect([first.named("Ada"), full.named("Ada"), away.named("Ada")]).toEqual([1, 0, 1]);
    expect((await passesAgain(here, away, passing)).person.name).toBe("Ada");
  });

  it("fails with a reason at a box without `people` in the configuration", async () => {
    const here = await world({ a: "V2R4" });
    here.act({ libraryOf: () => null });
    const { id } = await stranger(here, here.box("a"));
    await approve(here, id, { name: "Ada", type: "employee" });
    expect(await ended(here, id)).toMatchObject({ state: "failed", reason: expect.stringContaining("`people`") });
  });
});

describe("a state for an undo that cannot be written to the disk", () => {
  it("is shown in the status, and delays the change of the box", async () => {
    const here = await world({ c: "V6" });
    const box = here.box("c");
    const kept = join(here.folder, "kept");
    const acting = here.act({ random: () => 0 });
    const { id } = await stranger(here, box);
    rmSync(kept, { recursive: true });
    writeFileSync(kept, "in the way");
    await approve(here, id, { name: "Ada", type: "employee" });
    await until(() => acting.status().lastError?.includes("cannot write to its disk") === true);
    expect([acting.status().waiting, box.named("Ada")]).toEqual([1, 0]);
    rmSync(kept);
    mkdirSync(kept);
    expect(await ended(here, id)).toMatchObject({ state: "done" });
    expect([acting.status().lastError, box.named("Ada")]).toEqual([null, 1]);
  });
});

describe("an undo", () => {
  it("changes nothing if it is received before anything was done", async () => {
    const here = await world({ c: "V6" });
    const box = here.box("c");
    const { id } = await stranger(here, box);
    const acting = here.act();
    await acting.stop();
    await approve(here, id, { name: "Ada", type: "employee" });
    await here.client.post(`/v1/actions/${id}/approval/undo`, {});
    here.act();
    const { state, approval } = await ended(here, id);
    const note = "The box does not have the person.";
    expect([state, approval?.boxes[0]?.reason, box.named("Ada")]).toEqual(["done", note, 0]);
  });

  it("changes nothing if the bridge receives it together with the approval of a photo", async () => {
    const here = await world({ c: "V6" });
    const box = here.box("c");
    const everyMs = 12_345;
    let looks = 0;
    let lookAgain = () => {};
    const rest = (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        looks += 1;
        lookAgain = resolve;
        signal.addEventListener("abort", () => resolve());
        if (signal.aborted) resolve();
      });
    const clock: typeof systemClock = {
      now: systemClock.now,
      sleep: (ms, signal) => (ms === everyMs ? rest(signal) : systemClock.sleep(ms, signal)),
    };
    const id = await newPhoto(here, box, 3);
    here.act({ everyMs, clock });
    await until(() => looks === 1);
    // Times are in whole seconds: the wait makes the order certainly later than that look.
    await sleep(3100);
    await approve(here, id, {});
    await undo(here, id);
    lookAgain();
    const { state, approval } = await ended(here, id);
    expect([state, approval?.boxes[0]?.reason]).toEqual(["done", "Nothing had been changed."]);
  });

  it.each([
    ["on another bridge, which is older than the order", 0],
    ["after 8 days", 8],
    ["after 101 days, when the order is forgotten", 101],
  ])("%s fails with a reason if the person is still on the box", async (_, days) => {
    const here = await world({ c: "V6" });
    const box = here.box("c");
    const other = days === 0 ? { folder: `${here.folder}-other` } : {};
    await here.act(other).stop();
    const first = here.act();
    const { id } = await stranger(here, box);
    await approve(here, id, { name: "Ada", type: "employee" });
    await ended(here, id);
    await first.stop();
    const moved = { ...systemClock, now: () => Date.now() + days * 24 * 60 * 60_000 };
    const second = here.act({ ...other, clock: moved });
    await until(() => days < 8 || readdirSync(join(here.folder, "kept")).length === 0);
    await here.client.post(`/v1/actions/${id}/approval/undo`, {});
    expect(await ended(here, id)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("not kept any more"),
    });
    expect(box.named("Ada")).toBe(1);
    await second.stop();
  });
});

describe("an undo of an order that a running bridge has forgotten", () => {
  it("fails if the person is still on the box", async () => {
    const here = await world({ c: "V6" });
    const box = here.box("c");
    let days = 0;
    const clock = { ...systemClock, now: () => Date.now() + days * 24 * 60 * 60_000 };
    here.act({ clock });
    // Times are in whole seconds: the wait makes the order certainly later than the start.
    await sleep(3100);
    const { id } = await stranger(here, box);
    await approve(here, id, { name: "Ada", type: "employee" });
    await ended(here, id);
    days = 101;
    await until(() => readdirSync(join(here.folder, "kept")).length === 0);
    await undo(here, id);
    expect(await ended(here, id)).toMatchObject({ reason: expect.stringContaining("not kept any more") });
    expect(box.named("Ada")).toBe(1);
  });
});

describe("photos that a box asks for", () => {
  const asks = async (version: "V6" | "V2R4", mode: "review" | "automatic", look?: number) => {
    const here = await world({ gate: version }, { mode });
    const box = here.box("gate");
    const [person] = box.site.people;
    if (person === undefined) throw new Error("nobody is registered");
    const before = box.library.get(person.id).faces.map(({ imageId }) => imageId);
    here.act();
    const passing = { ...box.site.passingOf(look ?? person.look), wantAction: "1002" as const };
    box.passes({ ...passing, person: { ...person, type: 1, look: look ?? person.look } });
    const action = async () => (await here.client.events("&action=1002"))[0]?.actions[0];
    await until(async () => (await action()) !== undefined);
    const images = () => box.library.get(person.id).faces.map(({ imageId }) => imageId);
    return { here, box, before, images, action };
  };

  it("are accepted without a person if the box calls the faces the same", async () => {
    const { here, before, images, action } = await asks("V6", "automatic");
    await until(async () => (await action())?.state === "done");
    expect(images()).not.toEqual(before);
    const id = (await action())?.id ?? "";
    expect((await actionOf(here, id)).approval).toMatchObject({ isAutomatic: true, boxes: [{ state: "done" }] });
    await here.client.post(`/v1/actions/${id}/approval/undo`, {});
    expect((await ended(here, id)).state).toBe("done");
  });

  it.each([
    ["on generation A, which cannot compare", "V2R4", "automatic"],
    ["in review, where a person decides", "V6", "review"],
  ] as const)("are not taken by themselves %s", async (_, version, mode) => {
    const { before, images, action } = await asks(version, mode);
    await sleep(1000);
    expect([images(), (await action())?.state]).toEqual([before, "announced"]);
  });
});

describe("an erasure", () => {
  it("removes the states kept for undos, and the person from the boxes", async () => {
    const here = await world({ "gate-1": "V6", lobby: "V5R7" });
    const [box, other] = [here.box("gate-1"), here.box("lobby")];
    here.act();
    const { id, passing } = await stranger(here, box);
    await approve(here, id, { name: "Ada", type: "employee", boxes: "all" });
    await ended(here, id);
    expect(readdirSync(join(here.folder, "kept"))).toHaveLength(2);
    const known = await passesAgain(here, box, passing);
    const body = { kind: "erase", person: known.person.id, all: true, fromBoxes: true };
    const stop = here.runtime.upkeep();
    atEnd(stop);
    const { id: job } = (await (await here.client.post("/v1/jobs", body)).json()) as { id: string };
    const receipt = async () =>
      (
        (await (await here.client.get(`/v1/jobs/${job}`)).json()) as {
          result: { removals: { asked: number; boxes: { state: string }[] } } | null;
        }
      ).result?.removals;
    await until(async () => (await receipt())?.boxes.every(({ state }) => state === "done") === true);
    expect([(await receipt())?.asked, box.named("Ada"), other.named("Ada")]).toEqual([2, 0, 0]);
    expect(readdirSync(join(here.folder, "kept"))).toEqual([]);
    expect((await here.client.get(`/v1/actions/${id}`)).status).toBe(404);
  });

  it.each([0, 1])("keeps a person on the box who was approved again while it was away (%i)", async (random) => {
    const here = await world({ gate: "V6" });
    const box = here.box("gate");
    const [person] = box.site.people;
    if (person === undefined) throw new Error("nobody is registered");
    await newPhoto(here, box, person.look);
    await box.goAway();
    const acting = here.act({ random: () => random });
    atEnd(here.runtime.upkeep());
    const body = { kind: "erase", person: person.id, all: true, fromBoxes: true };
    await here.client.post("/v1/jobs", body);
    await until(() => acting.status().waiting === 1);
    const again = await newPhoto(here, box, person.look);
    await approve(here, again, { name: "Ada", type: "employee" });
    await until(() => acting.status().waiting === 2);
    await box.comeBack();
    expect(await ended(here, again)).toMatchObject({ state: "done" });
    expect([acting.status().waiting, box.named("Ada")]).toEqual([0, 1]);
  });

  it("removes orders of the event for boxes that left the configuration", async () => {
    const here = await world({ "gate-1": "V6" });
    const box = here.box("gate-1");
    const first = here.act();
    await box.goAway();
    const { id } = await stranger(here, box);
    await approve(here, id, { name: "Zelda Geheim", type: "employee" });
    await until(() => first.status().waiting === 1);
    await first.stop();
    const isOnDisk = () =>
      readdirSync(here.folder, { withFileTypes: true }).some(
        (file) => file.isFile() && readFileSync(join(here.folder, file.name)).includes("Zelda Geheim"),
      );
    expect(isOnDisk()).toBe(true);
    const second = here.act({ boxes: [] });
    expect((await erase(here, id)).status).toBe(204);
    await until(() => second.status().waiting === 0);
    expect(isOnDisk()).toBe(false);
  });

  it("removes the event's states kept for undos even if no box is asked", async () => {
    const here = await world({ "gate-1": "V6" });
    here.act();
    const { id } = await stranger(here, here.box("gate-1"));
    await approve(here, id, { name: "Ada", type: "employee" });
    await ended(here, id);
    expect(readdirSync(join(here.folder, "kept"))).toHaveLength(1);
    expect((await erase(here, id)).status).toBe(204);
    await until(() => readdirSync(join(here.folder, "kept")).length === 0);
  });
});
