import { join } from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import { CloudOrders } from "../../../../packages/bridge/src/acting/cloud-orders.ts";
import { KeptFiles } from "../../../../packages/bridge/src/acting/kept-files.ts";
import { OrderSpool } from "../../../../packages/bridge/src/acting/order-spool.ts";
import { reportAll } from "../../../../packages/bridge/src/acting/reports.ts";
import { outcomeOf } from "../../../../packages/bridge/src/acting/task.ts";
import { bodyOf, listen } from "../../../standins/listen.ts";
import { atEnd, temporary } from "../../../unit/simulator/support.ts";

const now = Date.UTC(2026, 10, 5);
const { signal } = new AbortController();
const reported = z.object({ boxes: z.array(z.object({ box: z.string() })) });

/** A task done on so many boxes, and a cloud that answers its report. */
async function done(boxes: number, [status, answer]: [number, string]) {
  const heard: string[][] = [];
  const { url, close } = await listen(async (request, response) => {
    const body = reported.parse(JSON.parse((await bodyOf(request)).toString()));
    heard.push(body.boxes.map(({ box }) => box));
    response.writeHead(status, { "content-type": "application/problem+json" }).end(answer);
  });
  atEnd(close);
  const folder = await temporary();
  const spool = new OrderSpool(join(folder, "orders.db"), () => now);
  atEnd(() => spool.close());
  const kept = new KeptFiles(join(folder, "kept"), () => now);
  const subject = { person: "7", name: "Ada", type: "vip" as const, group: null, photo: null };
  for (let index = 0; index < boxes; index++) {
    const box = `gate-${index}`;
    spool.take({ ref: "act_1", number: 1, box, kind: "register", subject, since: now, orderedAt: now });
  }
  for (const task of spool.all()) spool.note(task, "done", null);
  const log = { info() {}, warn() {}, error() {} };
  const report = () => reportAll({ spool, kept, cloud: new CloudOrders(url, "gpr_key"), log, now: () => now }, signal);
  return { heard, spool, kept, report };
}

it("a report names at most 100 boxes, and the next report names the rest", async () => {
  const { heard, spool, report } = await done(101, [200, "{}"]);
  for (let looks = 0; looks < 3; looks++) await report();
  expect(heard.map((boxes) => boxes.length)).toEqual([100, 1]);
  expect(new Set(heard.flat()).size).toBe(101);
  expect(spool.news()).toEqual([]);
});

it("an erased action is not reported again, and its kept states are removed", async () => {
  const { heard, spool, kept, report } = await done(2, [404, '{"detail":"there is no such action"}']);
  for (const box of ["gate-0", "gate-1"]) kept.put("act_1", box, { generation: "C", personId: "7", before: null });
  for (let looks = 0; looks < 2; looks++) expect(await report()).toBeNull();
  expect(heard).toEqual([["gate-0", "gate-1"]]);
  expect(spool.all()).toEqual([]);
  expect([kept.get("act_1", "gate-0"), kept.get("act_1", "gate-1")]).toEqual([null, null]);
});

it("a waiting task is reported after ten minutes, and never without an order", async () => {
  const { spool } = await done(0, [200, "{}"]);
  const subject = { person: "7", name: "Ada", type: null, group: null, photo: null };
  for (const number of [0, 1]) {
    const order = { ref: `act_${number}`, number, box: "gate-1", subject, since: now, orderedAt: number };
    spool.take({ ...order, kind: "update-photo" });
  }
  for (const task of spool.all()) spool.note(task, "waiting", "The box is away.");
  const reasons = (ms: number) => spool.all().map((task) => outcomeOf(task, now + ms)?.reason ?? null);
  expect(reasons(600_000 - 1)).toEqual([null, null]);
  expect(reasons(600_000)).toEqual([null, "The box is away. It is tried again."]);
});
