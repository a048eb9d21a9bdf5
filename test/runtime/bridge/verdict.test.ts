import { expect, it } from "vitest";
import { verdictOf } from "../../../packages/bridge/src/cloud/verdict.ts";

const minute = 60_000;
const waitAfter = (ms: number) => {
  const verdict = verdictOf({ status: 503, text: "", hasOutcome: false, retryAfterMs: ms });
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
    (text) => verdictOf({ status: 200, text, hasOutcome: false, retryAfterMs: 0 }).kind,
  );
  expect(kinds).toEqual(["accepted", ...Array(8).fill("later")]);
});

it("accepts the answer that a terminal needs, if it names the outcome of a report", () => {
  const verdict = (status: number) => verdictOf({ status, text: "OK: 1", hasOutcome: true, retryAfterMs: 0 }).kind;
  expect([200, 503].map(verdict)).toEqual(["accepted", "later"]);
});
