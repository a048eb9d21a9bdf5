import { expect, it } from "vitest";
import { verdictOf } from "../../../packages/bridge/src/cloud/verdict.ts";

const minute = 60_000;
const waitAfter = (retryAfter: string | undefined) => {
  const verdict = verdictOf({ status: 503, text: "", retryAfter });
  return verdict.kind === "later" ? verdict.wait : null;
};

it("waits as long as the cloud asks for, and five minutes at most", () => {
  expect(["7", "300", "301", "86400", "1e999"].map(waitAfter)).toEqual([
    7_000,
    5 * minute,
    5 * minute,
    5 * minute,
    5 * minute,
  ]);
});

it("waits for nothing where the cloud asks for no number of seconds", () => {
  const odd = [undefined, "", "soon", "-5", "NaN", "Fri, 20 Nov 2026 12:00:00 GMT"];
  expect(odd.map(waitAfter)).toEqual(odd.map(() => 0));
});

it("believes no acknowledgement but Gatepost's own", () => {
  const kinds = ['{"status":0}', '{"status":1}', '{"status":"0"}', "{}", "[]", "0", "null", "", "<html>"].map(
    (text) => verdictOf({ status: 200, text, retryAfter: undefined }).kind,
  );
  expect(kinds).toEqual(["accepted", ...Array(8).fill("later")]);
});
