import { PassThrough } from "node:stream";
import { expect, it, vi } from "vitest";
import { Unanswered } from "../../../packages/http/src/unanswered.ts";
import { Upgraded } from "../../../packages/http/src/upgraded.ts";

it("Connections of another protocol are kept only while they are open", async () => {
  const upgraded = new Upgraded(new Unanswered());
  const [open, closed] = [new PassThrough(), new PassThrough()];
  const take = upgraded.by(() => {});
  for (const socket of [open, closed]) take({} as never, socket, Buffer.alloc(0));
  closed.emit("close");
  const destroyed = vi.spyOn(closed, "destroy");
  upgraded.disconnectAll();
  expect([open.destroyed, destroyed.mock.calls]).toEqual([true, []]);
});
