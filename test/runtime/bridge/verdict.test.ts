import { expect, it } from "vitest";
import { verdictOf } from "../../../packages/bridge/src/cloud/verdict.ts";

const minute = 60_000;
const waitAfter = (ms: number) => {
  const verdict = verdictOf({ status: 503, text: "", retryAfterMs: ms });
  return verdict.kind === "later" ? verdict.wait : null;
};

it("waits as long as the cloud asks for, five minutes at most", () => {
  expect([0, 7_000, 300_000, 300_001, 86_400_000].map(waitAfter)).toEqual([
    0,
    7_000,
    5 * minute,
    5 * minute,
    5 * minute,
  ]);
});

it("accepts only Gatepost's own acknowledgement", () => {
  const kinds = ['{"status":0}', '{"status":1}', '{"status":"0"}', "{}", "[]", "0", "null", "", "<html>"].map(
    (text) => verdictOf({ status: 200, text, retryAfterMs: 0 }).kind,
  );
  expect(kinds).toEqual(["accepted", ...Array(8).fill("later")]);
});
