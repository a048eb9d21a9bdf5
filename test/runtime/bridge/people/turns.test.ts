import { expect, it } from "vitest";
import { TaskQueue } from "../../../../packages/bridge/src/people/turns.ts";

it("a task begins when the previous task has ended, even if that failed", async () => {
  const turns = new TaskQueue();
  const first = Promise.withResolvers<string>();
  const begun: number[] = [];
  const failing = turns.take(() => {
    begun.push(1);
    return first.promise;
  });
  const next = turns.take(async () => begun.push(2));
  await new Promise(setImmediate);
  expect(begun).toEqual([1]);
  first.reject(new Error("the box is away"));
  await expect(failing).rejects.toThrow("away");
  await next;
  expect(begun).toEqual([1, 2]);
});
