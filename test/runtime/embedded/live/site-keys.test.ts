import { hashToken, newToken } from "@gatepost/core/keys";
import { expect, it, onTestFinished, vi } from "vitest";
import { history, noon } from "../../../support/reports.ts";
import { start } from "./support.ts";

it("a reader with a site's key gets the boxes that the site has now", async () => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { runtime, deliver, connect, ids } = await start();
  const { writer } = runtime.reads.boxes;
  await writer.set("gate-1", { site: "east" });
  const token = newToken("read");
  await runtime.reads.keyAdmin.create({ scope: "read", box: null, site: "east", tokenHash: hashToken(token) });
  const reader = await connect(`/live?token=${token}`);
  reader.ask({ event_list: ["*"] });
  await reader.settled();
  await deliver(history());
  expect((await reader.messages(1)).map(({ event_id }) => event_id)).toEqual(await ids());
  await writer.set("gate-1", { site: "west" });
  await vi.advanceTimersByTimeAsync(1000);
  await deliver(history({ timestamp: noon + 1000 }));
  await reader.settled();
  expect(reader.received).toHaveLength(1);
});
