import { hashToken, newToken } from "@gatepost/core/keys";
import { expect, it } from "vitest";
import { history, noon } from "../../../support/reports.ts";
import { start } from "./support.ts";

it("a reader with a site's key gets its boxes, until these change", async () => {
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
  expect(await reader.closed).toBe(1011);
  const again = await connect(`/live?token=${token}`);
  again.ask({ event_list: ["*"] });
  await again.settled();
  await deliver(history({ timestamp: noon + 1000 }));
  await again.settled();
  expect(again.received).toEqual([]);
});
