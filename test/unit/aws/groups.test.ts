import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { forEachLimit } from "../../../packages/aws/src/dynamo/groups.ts";

it("throws after a failure once no other call is running", async () => {
  const slow = Promise.withResolvers<void>();
  const order: string[] = [];
  const ended = forEachLimit(["slow", "bad"], async (item) => {
    if (item === "bad") throw new Error("it is bad");
    await slow.promise;
    order.push("done");
  }).catch(() => order.push("thrown"));
  await turn();
  slow.resolve();
  await ended;
  expect(order).toEqual(["done", "thrown"]);
});
