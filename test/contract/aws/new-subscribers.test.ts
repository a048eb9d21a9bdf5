import { awsRuntime } from "@gatepost/aws/runtime";
import { relayOutbox } from "@gatepost/core/actions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { environmentOf, onStandIns, patient } from "../../standins/aws.ts";
import { action, day, noon, upsert } from "../samples.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

const minute = 60_000;
const put = z.object({ Entries: z.array(z.object({ Detail: z.string() })) });
const detail = z.object({ idempotency_key: z.string(), late: z.boolean() });

onStandIns((standIns) => {
  describe("waiting actions on AWS", () => {
    let deps: TestRuntime;
    let now: number;
    let entries: z.output<typeof detail>[];
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      [now, entries] = [noon, []];
      deps.clients.events.middlewareStack.add(
        (next) => (args) => {
          const { Entries } = put.parse(args.input);
          entries.push(...Entries.map(({ Detail }) => detail.parse(JSON.parse(Detail))));
          return next(args);
        },
        { step: "initialize" },
      );
    });
    afterEach(() => deps.close());

    /** The sweep of a deployment that has subscribers for these actions; returns the announced ids. */
    const sweep = async (told: string, withinMs = minute) => {
      entries = [];
      const { clients } = deps;
      const log = { info() {}, warn() {}, error() {} };
      const runtime = awsRuntime(
        { ...environmentOf(deps.names), GATEPOST_TOLD: told },
        { clients, limits: patient, log, clock: () => now, count: () => {} },
      );
      await relayOutbox(runtime);
      await runtime.relayToNewSubscribers(withinMs);
      return entries.map(({ idempotency_key }) => idempotency_key);
    };
    const enqueue = async (event: string, want: "1001" | "1002" = "1001") => {
      const { id } = action(event, want, { at: new Date(now).toISOString() });
      await deps.ingest.index.upsert(
        upsert(event, {
          action: action(event, want, { at: new Date(now).toISOString() }),
          now,
          expiresAt: noon + 30 * day,
        }),
      );
      now += minute;
      return id;
    };
    const toldOf = async (id: string) => (await deps.reads.actionReader.get(id))?.told;

    it("go to the first subscriber, oldest first, late, and to it alone", async () => {
      const [first, photo, second] = [await enqueue("a"), await enqueue("b", "1002"), await enqueue("c")];
      now += minute;
      expect(await sweep("")).toHaveLength(3);
      expect(await sweep("")).toEqual([]);
      expect([await toldOf(first), await toldOf(photo)]).toEqual([false, false]);
      expect(await sweep("1001")).toEqual([first, second]);
      expect(entries.every(({ late }) => late)).toBe(true);
      expect([await toldOf(first), await toldOf(photo), await toldOf(second)]).toEqual([true, false, true]);
      expect(await sweep("1001")).toEqual([]);
      expect(await sweep("1001,1002")).toEqual([photo]);
    });

    it("include those that a function announced by the former deployment meanwhile", async () => {
      expect(await sweep("1001")).toEqual([]);
      const id = await enqueue("a");
      await deps.ingest.actions.markAnnounced(id, false);
      expect(await sweep("1001")).toEqual([]);
      now += 10 * minute;
      expect(await sweep("1001")).toEqual([id]);
      const later = await enqueue("b");
      await deps.ingest.actions.markAnnounced(later, false);
      now += 20 * minute;
      expect(await sweep("1001")).toEqual([]);
    });

    it("are continued by the next sweep once the time of one is over", async () => {
      for (let index = 0; index < 25; index++) await enqueue(`event ${index}`);
      await sweep("");
      expect(await sweep("1001", 0)).toHaveLength(20);
      expect(await sweep("1001", 0)).toHaveLength(5);
      expect(await sweep("1001", 0)).toEqual([]);
    });

    it("wait for no one else once declined or erased", async () => {
      const [declined, erased, left] = [await enqueue("a"), await enqueue("b"), await enqueue("c")];
      now += minute;
      await sweep("");
      deps.setClock(now);
      const refusal = { person: "666666", reason: null, note: null };
      await deps.reads.orders.order(declined, { kind: "decline", ...refusal }, "key_1");
      await deps.reads.eraser.eraseEvent(upsert("b").eventId);
      expect(erased).not.toBe(left);
      expect(await sweep("1001")).toEqual([left]);
    });
  });
});
