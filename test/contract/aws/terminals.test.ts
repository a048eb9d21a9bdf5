import { hashToken, newToken } from "@gatepost/core/keys";
import { merge } from "@gatepost/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingestHandler } from "../../../packages/aws/src/lambda/ingest.ts";
import { onStandIns } from "../../standins/aws.ts";
import { httpEvent } from "../../support/http-event.ts";
import { expected, expectReply, inOrder, judged, samples, serial, terminalRequest } from "../../support/terminals.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("the function for any path", () => {
    let deps: TestRuntime;
    const token = newToken("ingest");
    beforeAll(async () => {
      deps = await runtimeOn(standIns);
      deps.setClock(Date.parse("2026-11-24T18:00:30+08:00"));
      const key = { scope: "ingest", box: "gate-1", tokenHash: hashToken(token), serials: [serial] } as const;
      await deps.reads.keyAdmin.create(key);
      await deps.reads.boxes.writer.set("gate-1", { zone: "Asia/Shanghai" });
    });
    afterAll(() => deps.close());

    const send = async (name: string) => {
      const { method, path, query, headers, body } = terminalRequest(name, token);
      const event = httpEvent({ method, path, query, headers, ...(method === "POST" ? { body } : {}) });
      const answer = await ingestHandler(() => deps.ingest)(event);
      const sent = Object.entries(answer.headers ?? {}).map(([header, value]) => [header, String(value)]);
      return { status: answer.statusCode ?? 0, headers: Object.fromEntries(sent), body: answer.body ?? "" };
    };
    const shown = async () => {
      const { items } = await deps.reads.events.list({ box: "gate-1" }, { limit: 100, cursor: null });
      return items.map(merge);
    };

    it.each(samples)("takes %s and its repeat, and answers as the terminal needs", async (name) => {
      const wanted = expected(name);
      const first = wanted.joins?.replace(".http", "");
      if (first !== undefined) await send(first);
      expectReply(await send(name), wanted);
      const before = (await shown()).length;
      expectReply(await send(name), wanted);
      const all = await shown();
      expect(all).toHaveLength(before);
      const events = wanted.events.map((event) => {
        const isIt = ({ person, timestamp, device }: (typeof all)[number]) =>
          person.id === event.person_id && timestamp === event.timestamp_ms && device.id === event.device_id;
        return judged(all.find(isIt), event);
      });
      // Records and photo of one passing are in either order here.
      const joined = (one: (typeof wanted.events)[number]) =>
        one.person_id === "0042" && wanted.vendor === "zkteco" ? { ...one, direction: "in" } : one;
      const withoutPictures = ({ pictures: _, ...one }: (typeof wanted.events)[number]) => one;
      expect(inOrder(events.map(withoutPictures))).toEqual(inOrder(wanted.events.map(joined).map(withoutPictures)));
      const { items } = await deps.reads.quarantine.list(null, { limit: 10, cursor: null });
      expect(items).toEqual([]);
    });
  });
});
