import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { hashToken, newToken } from "@gatepost/core/keys";
import { locatePicture, monthOf, type StoredEvent } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { objectKey } from "../../../packages/aws/src/pictures/keys.ts";
import { onStandIns } from "../../standins/aws.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { day, noon } from "../samples.ts";
import { deliver } from "./posting.ts";
import { before, runtimeOn, type TestRuntime } from "./runtime.ts";

const minute = 60_000;
const registered = jpeg("registered");
const key = `registered/${monthOf(noon)}/${sha256(registered)}.jpg`;

onStandIns((standIns) => {
  describe("a registered picture that an erasure may remove", () => {
    let deps: TestRuntime;
    let other: TestRuntime;
    let token: string;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      other = await runtimeOn({ fresh: async () => deps });
      token = newToken("ingest");
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
    });
    afterEach(() => deps.close());

    /** Delivers a passing with that picture, to one process or another, and gives its event. */
    const pass = async (minutes: number, { ingest }: TestRuntime = deps): Promise<StoredEvent> => {
      const timestamp = noon + minutes * minute;
      const body = history({ timestamp, reg_pic: photo("registered") }, { recognize_face: photo(`face ${minutes}`) });
      expect(await deliver(body, { token, ports: ingest })).toMatchObject({ statusCode: 200 });
      const { items } = await deps.reads.events.list(
        { from: timestamp, to: timestamp + 1 },
        { limit: 1, cursor: null },
      );
      const [event] = items;
      if (event === undefined) throw new Error("there is no event");
      return event;
    };
    const pictureOf = (event: StoredEvent | null) => {
      const picture = event && locatePicture(event, "registered");
      if (picture === null) throw new Error("the event has no registered picture");
      return picture;
    };
    const isShared = (event: StoredEvent) => objectKey(pictureOf(event)) === key;
    const shown = async ({ id }: StoredEvent) => deps.reads.pictures.get(pictureOf(await deps.reads.events.get(id)));
    const setClock = (now: number) => {
      for (const runtime of [deps, other]) runtime.setClock(now);
    };
    const isThere = (name: string) =>
      deps.clients.s3.send(new HeadObjectCommand({ Bucket: deps.names.bucket, Key: name })).then(
        () => true,
        () => false,
      );
    const leaving = async () => {
      const asked = { TableName: deps.names.table, Key: { pk: { S: `leaving ${key}` } } };
      return (await deps.clients.dynamo.send(new GetItemCommand(asked))).Item;
    };

    it.each([
      ["between its look and its removal", "DeleteObjectCommand"],
      ["before it looks at the object", "HeadObjectCommand"],
    ])("is not lost to a report that brings it again %s", async (_, command) => {
      const { id } = await pass(0);
      await deps.reads.eraser.eraseEvent(id);
      setClock(noon + 2 * minute);
      let event: StoredEvent | undefined;
      once(deps.clients.s3, command, key, async () => {
        event = await pass(1, other);
      });
      expect(await deps.reads.eraser.finish()).toBe(1);
      if (event === undefined) throw new Error("nobody came between");
      expect([await isThere(key), isShared(event)]).toEqual([false, false]);
      expect(await shown(event)).toEqual(registered);
    });

    it("is an object of each event that brings it meanwhile, and goes with that event", async () => {
      const { id } = await pass(0);
      await deps.reads.eraser.eraseEvent(id);
      setClock(noon + minute);
      const [second, third] = [await pass(1), await pass(2, other)];
      await deps.reads.eraser.eraseEvent(second.id);
      setClock(noon + 4 * minute);
      await deps.reads.eraser.finish();
      const own = (event: StoredEvent) => objectKey(pictureOf(event));
      expect([await isThere(own(second)), await isThere(own(third)), await isThere(key)]).toEqual([false, true, false]);
      expect(await shown(third)).toEqual(registered);
    });

    it("is shared again a day later", async () => {
      await deps.reads.eraser.eraseEvent((await pass(0)).id);
      setClock(noon + minute);
      const own = await pass(1);
      expect(isShared(own)).toBe(false);
      await deps.reads.eraser.finish();
      setClock(noon + day - 1000);
      expect(isShared(await pass(3))).toBe(false);
      setClock(noon + day);
      const shared = await pass(2);
      expect([isShared(shared), await isThere(key)]).toEqual([true, true]);
      expect(await shown(own)).toEqual(registered);
    });

    it("stays if another event shows it, and is marked all the same", async () => {
      const [first, second] = [await pass(0), await pass(1)];
      await deps.reads.eraser.eraseEvent(first.id);
      setClock(noon + 2 * minute);
      expect(await deps.reads.eraser.finish()).toBe(1);
      expect(await shown(second)).toEqual(registered);
      expect(await leaving()).toMatchObject({ since: { N: `${noon}` }, ttl: { N: `${(noon + day) / 1000}` } });
    });

    it("is marked again by a day-late sweep, and removed by the next", async () => {
      await deps.reads.eraser.eraseEvent((await pass(0)).id);
      const late = noon + day - 30 * minute;
      setClock(late);
      expect(await deps.reads.eraser.finish()).toBe(1);
      expect([await isThere(key), (await leaving())?.["since"]?.N]).toEqual([true, `${late}`]);
      const event = await pass(1, other);
      setClock(late + 2 * minute);
      expect(await deps.reads.eraser.finish()).toBe(1);
      expect(await isThere(key)).toBe(false);
      expect(await shown(event)).toEqual(registered);
    });

    it("is not removed because another erasure of the same late sweep has just marked it", async () => {
      // More than a sweep finishes at the same time.
      const events: StoredEvent[] = [];
      for (let n = 0; n < 6; n++) events.push(await pass(n));
      for (const { id } of events) await deps.reads.eraser.eraseEvent(id);
      setClock(noon + 2 * day);
      await deps.reads.eraser.finish();
      expect(await isThere(key)).toBe(true);
      setClock(noon + 2 * day + 2 * minute);
      await deps.reads.eraser.finish();
      expect(await isThere(key)).toBe(false);
    });

    it("makes processes forget pictures even if a sweep marks it again", async () => {
      await deps.reads.eraser.eraseEvent((await pass(0)).id);
      setClock(noon + day + minute);
      expect(isShared(await pass(1, other))).toBe(true);
      await deps.reads.eraser.finish();
      setClock(noon + day + 2 * minute);
      expect(isShared(await pass(2, other))).toBe(false);
    });

    it("is assumed if its mark cannot be read", async () => {
      await deps.reads.eraser.eraseEvent((await pass(0)).id);
      setClock(noon + 2 * day - minute);
      await deps.clients.s3.send(new DeleteObjectCommand({ Bucket: deps.names.bucket, Key: key }));
      await deps.reads.eraser.eraseEvent((await pass(1)).id);
      setClock(noon + 2 * day);
      before(deps.clients.dynamo, "BatchGetItemCommand", "leaving ", () => Promise.reject(new Error("no")));
      expect(isShared(await pass(2, other))).toBe(false);
      const lines = [...deps.lines, ...other.lines].map(({ message }) => message);
      expect(lines).toContain("could not read the removal mark of a registered picture");
    });

    it("is not looked up unless something was erased within a day", async () => {
      let asked = 0;
      before(deps.clients.dynamo, "BatchGetItemCommand", "leaving ", async () => void asked++);
      await pass(0);
      await pass(1, await runtimeOn({ fresh: async () => deps }));
      expect(asked).toBe(0);
      await deps.reads.eraser.eraseEvent((await pass(2)).id);
      await pass(3, await runtimeOn({ fresh: async () => deps }));
      expect(asked).toBe(1);
    });
  });
});

/** Does something once, right before the first call of a command for a key is sent. */
function once(client: S3Client, command: string, wanted: string, act: () => Promise<unknown>): void {
  let isDone = false;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (!isDone && commandName === command && JSON.stringify(args.input).includes(wanted)) {
          isDone = true;
          await act();
        }
        return next(args);
      },
    { step: "initialize" },
  );
}
