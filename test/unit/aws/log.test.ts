import { newToken } from "@gatepost/core/keys";
import { expect, it } from "vitest";
import { lambdaLog } from "../../../packages/aws/src/lambda/log.ts";

it("the log of a function contains no key", () => {
  const calls: unknown[][] = [];
  const logger = { error: (...told: unknown[]) => void calls.push(told) };
  const token = newToken("ingest");
  const cause = new Error(`at ${token}`, { cause: new Error(token) });
  const log = lambdaLog(Object.assign(Object.create(null), logger));
  log.error(`failed ${token}`, { path: `/${token}`, tries: 3, cause });
  expect(JSON.stringify(calls)).not.toContain(token.slice(4));
  const stars = "*".repeat(31);
  expect(calls).toMatchObject([
    [`failed ${stars}`, { path: `/${stars}`, tries: 3, cause: { message: `at ${stars}`, cause: { message: stars } } }],
  ]);
});
