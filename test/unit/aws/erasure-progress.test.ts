import { createHash } from "node:crypto";
import { noneErased } from "@gatepost/core/erasure";
import { expect, it } from "vitest";
import { addCounts } from "../../../packages/aws/src/erasure/progress.ts";
import { refAttribute } from "../../../packages/aws/src/pictures/refs.ts";

/** The most that a row of DynamoDB may have. */
const maxRowBytes = 400 * 1024;

/** An event with a registered photo that was never sent before. */
function erased(number: number) {
  const pk = `evt_${number}`;
  const sha256 = createHash("sha256").update(pk).digest("hex");
  const row = { pk, ...refAttribute(pk, [{ month: "2026-11", sha256, contentType: "image/jpeg" }]) };
  return { row, quarantine: 0, isLive: true };
}

it("an erasure of many events with many registered photos keeps its progress within a row", () => {
  let progress = noneErased;
  for (let number = 0; number < 5000; number++) progress = addCounts(progress, erased(number));
  expect(progress).toMatchObject({ events: 5000 });
  expect(progress.shared.length).toBeGreaterThan(1000);
  expect(JSON.stringify(progress).length).toBeLessThan(maxRowBytes / 2);
});
