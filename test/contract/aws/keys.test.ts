import { hashToken, newToken } from "@gatepost/core/keys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns, tableOf } from "../../standins/aws.ts";
import { noon } from "../samples.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const second = 1000;
const hour = 60 * 60 * second;

onStandIns((standIns) => {
  describe("keys in DynamoDB", () => {
    let deps: TestRuntime;
    let tokenHash: string;
    let calls: Record<string, number>;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      tokenHash = hashToken(newToken("ingest"));
      calls = countCalls(deps.clients);
    });
    afterEach(() => deps.close());

    const create = () => deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash });
    const find = () => deps.ingest.keys.find(tokenHash);
    const lastUsed = async () => (await deps.reads.keyAdmin.list())[0]?.lastUsedAt;

    it("are read once a minute", async () => {
      await create();
      await find();
      deps.setClock(noon + 60 * second - 1);
      await find();
      expect(calls).toMatchObject({ BatchGetItemCommand: 1 });
      deps.setClock(noon + 60 * second);
      await find();
      expect(calls).toMatchObject({ BatchGetItemCommand: 2 });
    });

    it("are dead a minute after they were revoked, also to a process that knew them", async () => {
      const { id } = await create();
      await find();
      await deps.reads.keyAdmin.revoke(id);
      deps.setClock(noon + 60 * second);
      expect(await find()).toBeNull();
    });

    it("work ten seconds after they were made, also to a process that was asked before", async () => {
      expect(await find()).toBeNull();
      await create();
      deps.setClock(noon + 10 * second);
      expect(await find()).toMatchObject({ box: "gate-1" });
    });

    const use = async () => {
      const key = await find();
      if (key === null) throw new Error("no such key");
      await deps.ingest.keys.noteUse(key);
      return key;
    };

    it("note when they were last used, once an hour", async () => {
      await create();
      await use();
      const { UpdateItemCommand } = calls;
      expect(await lastUsed()).toBe(new Date(noon).toISOString());
      deps.setClock(noon + hour - 60 * second);
      await use();
      expect(await lastUsed()).toBe(new Date(noon).toISOString());
      expect(calls).toMatchObject({ UpdateItemCommand });
      deps.setClock(noon + hour);
      await use();
      expect(await lastUsed()).toBe(new Date(noon + hour).toISOString());
    });

    it("are noted to be used once an hour by all processes together", async () => {
      await create();
      const [key, other] = [await find(), await runtimeOn({ fresh: async () => deps })];
      other.setClock(noon + hour / 2);
      const same = await other.ingest.keys.find(tokenHash);
      if (key === null || same === null) throw new Error("no such key");
      await other.ingest.keys.noteUse(same);
      deps.setClock(noon + hour / 2 + second);
      await deps.ingest.keys.noteUse(key);
      expect(await lastUsed()).toBe(new Date(noon + hour / 2).toISOString());
    });

    it("note it in a row that is not theirs", async () => {
      const { id } = await create();
      const dynamo = tableOf(deps);
      const before = await dynamo.get(id);
      await use();
      expect(await lastUsed()).toBe(new Date(noon).toISOString());
      expect(await dynamo.get(id)).toEqual(before);
    });

    it("open even if their use cannot be noted, which is tried a minute later", async () => {
      await create();
      deps.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          (args) =>
            commandName === "UpdateItemCommand" ? Promise.reject(new Error("no")) : next(args),
        { step: "initialize" },
      );
      const noted = { level: "warn", message: "the use of a key was not noted" };
      expect(await use()).toMatchObject({ box: "gate-1" });
      await use();
      expect(deps.lines).toMatchObject([noted]);
      deps.setClock(noon + 60 * second);
      await use();
      expect(deps.lines).toMatchObject([noted, noted]);
    });

    it("stay known while thousands of other tokens are tried", async () => {
      await create();
      await find();
      const guess = (n: number) => deps.ingest.keys.find(hashToken(`guess ${n}`));
      for (let n = 0; n < 1100; n += 20) await Promise.all(Array.from({ length: 20 }, (_, more) => guess(n + more)));
      const { BatchGetItemCommand } = calls;
      await find();
      expect(calls).toMatchObject({ BatchGetItemCommand });
      // The first guess was forgotten, the last was not.
      await guess(1099);
      expect(calls).toMatchObject({ BatchGetItemCommand });
      await guess(0);
      expect(calls["BatchGetItemCommand"]).toBe((BatchGetItemCommand ?? 0) + 1);
    });

    it("open with the boxes of a site, which are as old as the key itself", async () => {
      const { writer } = deps.reads.boxes;
      await deps.reads.keyAdmin.create({ scope: "read", box: null, site: "east", tokenHash });
      const seen = async () => (await find())?.boxes;
      await writer.set("gate-1", { site: "east" });
      await expect.poll(seen).toEqual(["gate-1"]);
      await writer.set("gate-1", { site: null });
      deps.setClock(noon + 60 * second - 1);
      expect(await seen()).toEqual(["gate-1"]);
      deps.setClock(noon + 60 * second);
      expect(await seen()).toEqual([]);
    });
  });
});
