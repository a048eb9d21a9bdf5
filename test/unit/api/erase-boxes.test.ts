import { runSlice } from "@gatepost/api";
import type { ErasureProgress, PersonErasure } from "@gatepost/core/erasure";
import { expect, it } from "vitest";
import * as z from "zod";
import { runtime } from "./support.ts";

/** The most that a row of DynamoDB may have. */
const maxRowBytes = 400 * 1024;

const limits = { events: 10, records: 10, bytes: 1000 };

/** Each box shows its own pictures of a person, and one picture that all boxes show. */
async function erasedAt(boxes: readonly string[], pictures: number) {
  const { deps, ask } = await runtime();
  const eraseSome = async ({ box }: PersonErasure, _: number, before?: ErasureProgress): Promise<ErasureProgress> => {
    const own = Array.from({ length: pictures }, (_, n) => `2026-11 registered ${`${box}-${n}`.padStart(64, "0")}`);
    const counts = { events: 3, pictures: 2, quarantine: 1, outbox: 1 };
    const shared = [...new Set([...(before?.shared ?? []), "2026-11 registered of all", ...own])].slice(0, 2000);
    return { ...counts, shared, upTo: "1", isDone: true };
  };
  Object.assign(deps.eraser, { eraseSome });
  const body = JSON.stringify({ kind: "erase", person: "77", boxes });
  const { id } = z.object({ id: z.string() }).parse(await (await ask("/v1/jobs", { method: "POST", body })).json());
  let largest = 0;
  while (await runSlice(id, deps, limits)) {
    largest = Math.max(largest, JSON.stringify(await deps.jobs.store.get(id)).length);
  }
  const { result } = z.object({ result: z.looseObject({}) }).parse(await deps.jobs.store.get(id));
  return { result, largest };
}

it("an erasure at several boxes adds up their counts, and counts a shared picture once", async () => {
  const { result } = await erasedAt(["gate-1", "gate-2", "gate-3"], 2);
  expect(result).toMatchObject({ erased: { events: 9, pictures: 6, quarantine: 3, outbox: 3 }, kept: { pictures: 7 } });
});

it("an erasure's progress fits in a row, even for many boxes with many pictures", async () => {
  const { largest, result } = await erasedAt(["gate-1", "gate-2", "gate-3", "gate-4", "gate-5"], 1999);
  expect(result).toMatchObject({ erased: { events: 15 } });
  expect(largest).toBeLessThan(maxRowBytes / 2);
});
