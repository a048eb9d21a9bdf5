import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Actor } from "../../../../packages/bridge/src/acting/actor.ts";
import { KeptFiles } from "../../../../packages/bridge/src/acting/kept-files.ts";
import { OrderSpool } from "../../../../packages/bridge/src/acting/order-spool.ts";
import { atEnd, ManualClock, temporary, until } from "../../../unit/simulator/support.ts";

const day = 24 * 60 * 60_000;
const log = { info() {}, warn() {}, error() {} };
const cloud = { url: "http://127.0.0.1:1", max_body: 1024 };
const people = { host: "127.0.0.1", port: 1, library: "default_group", quality: "high" } as const;
const boxes = [{ name: "gate-1", token: "gpi_x", people }];
const acting = { mode: "review" as const, token: "gpr_x" };

async function made() {
  const folder = join(await temporary(), "acting");
  const clock = new ManualClock();
  const actor = new Actor(folder, { clock, random: () => 0.5, log });
  atEnd(() => actor.stop());
  return { folder, clock, actor };
}

it("creates no file and sends no request until the configuration enables acting", async () => {
  const { actor, folder } = await made();
  await actor.set({ cloud, boxes });
  expect([actor.status(), existsSync(folder)]).toEqual([null, false]);
  await actor.set({ cloud, boxes, acting });
  await until(() => actor.status()?.lastError !== null);
  expect(actor.status()).toMatchObject({
    mode: "review",
    waiting: 0,
    lastError: expect.stringContaining("cannot be asked"),
  });
  await actor.set({ cloud, boxes });
  expect(actor.status()).toBeNull();
});

const inTheWay = [
  ["the folder cannot be made", "", (path: string) => writeFileSync(path, "")],
  ["a file cannot be opened", "orders.db-wal", (path: string) => mkdirSync(path, { recursive: true })],
] as const;

it.each(inTheWay)("starts acting later, without blocking the bridge, and reports why if %s", async (_, name, put) => {
  const { actor, folder, clock } = await made();
  const path = join(folder, name);
  put(path);
  await actor.set({ cloud, boxes, acting });
  expect(actor.status()).toMatchObject({
    mode: "review",
    lastError: expect.stringMatching(/tries again: spool\.folder: /),
  });
  rmSync(path, { recursive: true });
  await until(() => {
    clock.move(1000);
    return actor.status()?.lastError?.includes("cannot be asked") === true;
  });
  expect(existsSync(join(folder, "orders.db"))).toBe(true);
});

it("restarts if its settings change, and keeps running if they do not", async () => {
  const { actor } = await made();
  await actor.set({ cloud, boxes, acting });
  await until(() => actor.status()?.lastError !== null);
  await actor.set({ cloud, boxes: [...boxes], acting: { ...acting } });
  expect(actor.status()?.lastError).not.toBeNull();
  await actor.set({ cloud, boxes, acting: { ...acting, mode: "automatic" } });
  expect(actor.status()).toMatchObject({ mode: "automatic", lastError: null });
});

it("forgets the person of an order after seven days, even if acting is off", async () => {
  const { actor, folder, clock } = await made();
  const file = join(folder, "orders.db");
  mkdirSync(folder, { recursive: true });
  const spool = new OrderSpool(file, clock.now);
  const subject = { person: "7", name: "Zelda Geheim", type: "vip" as const, group: null, photo: null };
  spool.take({ ref: "act_1", number: 1, box: "gate-1", kind: "register", subject, since: 0, orderedAt: 0 });
  spool.close();
  const isOnDisk = () => readFileSync(file).includes("Zelda Geheim");
  await actor.set({ cloud, boxes });
  expect(isOnDisk()).toBe(true);
  await until(() => {
    clock.move(day);
    return !isOnDisk();
  });
});

it("removes expired states for undos, even if acting is off", async () => {
  const { actor, folder, clock } = await made();
  const path = join(folder, "kept");
  new KeptFiles(path, clock.now).put("act_1", "gate-1", { generation: "C", personId: "7", before: null });
  await actor.set({ cloud, boxes });
  expect(readdirSync(path)).toHaveLength(1);
  await until(() => {
    clock.move(day);
    return readdirSync(path).length === 0;
  });
});
