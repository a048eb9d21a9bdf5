import { expect, it } from "vitest";
import { type PieceLimits, piecesOf } from "../../../packages/receive/src/decode/batch.ts";

async function pieces(text: string, limits: PieceLimits): Promise<string[]> {
  const found: string[] = [];
  for await (const { body } of piecesOf(Buffer.from(text), limits)) found.push(body.toString());
  return found;
}

it("the pieces of a batch read over many turns are complete", async () => {
  const reports = Array.from({ length: 51_000 }, (_, i) => ({ n: i, text: "x".repeat(70) }));
  const parsed = (await pieces(JSON.stringify(reports), { bytes: 1_000_000 })).map((text) => JSON.parse(text));
  expect(parsed.flat()).toEqual(reports);
  const lines = (await pieces(reports.map((one) => JSON.stringify(one)).join("\n"), { reports: 999 })).join("\n");
  expect(lines.split("\n").map((line) => JSON.parse(line))).toEqual(reports);
});
