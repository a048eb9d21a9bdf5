import { expect, it } from "vitest";
import type { BodyReply } from "../../../packages/embedded/src/runtime/bodies/messages.ts";
import { ThreadReading } from "../../../packages/embedded/src/runtime/bodies/thread-reading.ts";

it("a closed body frees the memory of its kept parts, except its UTF-8", async () => {
  const opened = { unreadable: null, keep: undefined, bytes: 3, reports: 0 };
  const ask = (question: object): Promise<BodyReply> =>
    Promise.resolve("utf8" in question ? { bytes: new Uint8Array(3) } : { bytes: new Uint8Array(2), headers: {} });
  const reading = new ThreadReading(opened, ask, () => {});
  const { bytes: whole } = await reading.whole("not-json");
  const utf8 = await reading.utf8();
  expect([whole.length, utf8.length]).toEqual([2, 3]);
  reading[Symbol.dispose]();
  expect([whole.length, utf8.length]).toEqual([0, 3]);
});
