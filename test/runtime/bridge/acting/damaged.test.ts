import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Actor } from "../../../../packages/bridge/src/acting/actor.ts";
import { diskFailure } from "../../../../packages/bridge/src/acting/open-orders.ts";
import { atEnd, ManualClock, temporary, until } from "../../../unit/simulator/support.ts";
import { actUnsaid, approve, ended, newPhoto, stranger, undo, type World, world } from "./world.ts";

const log = { info() {}, warn() {}, error() {} };

/** Writes over the pages that hold tasks: what SQLite reads when it opens the file is sound. */
function damageInside(file: string): void {
  const opened = openSync(file, "r+");
  const size = statSync(file).size;
  for (let at = 2 * 4096; at < size; at += 4096) writeSync(opened, Buffer.alloc(4096, 0x5a), 0, 4096, at);
  closeSync(opened);
}

const damages = [
  ["is no database", (file: string) => writeFileSync(file, "no database".repeat(1000))],
  ["is damaged inside", damageInside],
] as const;

const ordersOf = ({ folder }: World) => join(folder, "orders.db");

describe.each(damages)("a file of orders that %s", (_, damage) => {
  it("is reported, and each person is still registered exactly once", async () => {
    const here = await world({ gate: "V5R6" });
    const box = here.box("gate");
    const { id } = await stranger(here, box);
    const { id: other } = await stranger(here, box);
    // The box has the first one, and the cloud does not know it yet.
    const first = actUnsaid(here, box);
    await approve(here, id, { name: "Ada", type: "employee" });
    await until(() => box.named("Ada") === 1);
    await first.stop();
    await approve(here, other, { name: "Eve", type: "employee" });
    damage(ordersOf(here));
    const acting = here.act();
    expect(acting.status().damage).toMatch(/orders\.db was damaged \(.+\) and is begun anew: .*approve again/);
    expect([(await ended(here, id)).state, (await ended(here, other)).state]).toEqual(["done", "done"]);
    expect([box.named("Ada"), box.named("Eve")]).toEqual([1, 1]);
    expect([await undo(here, id), (await ended(here, id)).state, box.named("Ada")]).toEqual([200, "done", 0]);
  });
});

describe("an undo of an order that was done before the file of orders was damaged", () => {
  const lost = async () => {
    const here = await world({ gate: "V5R6" });
    const box = here.box("gate");
    const [person] = box.site.people;
    if (person === undefined) throw new Error("nobody is registered");
    const looks = () => box.library.get(person.id).faces.map(({ look }) => look);
    const damage = () => writeFileSync(ordersOf(here), "no database".repeat(1000));
    return { here, box, person, looks, damage };
  };

  it("removes no later change, and says what to do", async () => {
    const { here, box, person, looks, damage } = await lost();
    const older = await newPhoto(here, box, 700);
    const newer = await newPhoto(here, box, person.look);
    const first = here.act();
    for (const id of [older, newer]) {
      await approve(here, id, {});
      expect((await ended(here, id)).state).toBe("done");
    }
    await first.stop();
    damage();
    here.act();
    await undo(here, older);
    const { approval } = await ended(here, older);
    expect(approval?.boxes).toMatchObject([{ state: "failed", reason: expect.stringContaining("look at the box") }]);
    expect(looks()).toEqual([person.look]);
  });

  it("is done for a registration if the person is not on the box", async () => {
    const { here, box, damage } = await lost();
    const { id } = await stranger(here, box);
    const first = here.act();
    await approve(here, id, { name: "Ada", type: "employee" });
    const { approval } = await ended(here, id);
    await first.stop();
    damage();
    expect(box.library.remove(approval?.person ?? "")).toBe(true);
    here.act();
    await undo(here, id);
    expect((await ended(here, id)).state).toBe("done");
  });
});

it("a damaged file of orders is replaced, with its names, even if acting is off", async () => {
  const folder = join(await temporary(), "acting");
  const file = join(folder, "orders.db");
  mkdirSync(folder);
  writeFileSync(file, "Zelda Geheim".repeat(1000));
  const actor = new Actor(folder, { clock: new ManualClock(), random: () => 0.5, log });
  atEnd(() => actor.stop());
  await actor.set({ cloud: { url: "http://127.0.0.1:1", max_body: 1024 }, boxes: [] });
  await until(() => !readFileSync(file).includes("Zelda Geheim"));
  expect(existsSync(file)).toBe(true);
});

it("the reason names a file of orders damaged at run time, and advises a restart", () => {
  const failure = Object.assign(new Error("database disk image is malformed"), { errcode: 11 });
  expect(diskFailure(failure)).toMatch(/damaged \(database disk image is malformed\): restart/);
});
