import { hashToken, newToken } from "@gatepost/ingest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noon } from "../contracts/samples.ts";
import { onStandIns } from "../standins/aws.ts";
import { countCalls, type Machine, machineOn } from "./machine.ts";

const second = 1000;
const hour = 60 * 60 * second;

onStandIns((standIns) => {
  describe("keys in DynamoDB", () => {
    let on: Machine;
    let tokenHash: string;
    let calls: Record<string, number>;
    beforeEach(async () => {
      on = await machineOn(standIns);
      tokenHash = hashToken(newToken("ingest"));
      calls = countCalls(on.clients);
    });
    afterEach(() => on.close());

    const create = () => on.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash });
    const find = () => on.ingest.keys.find(tokenHash);
    const lastUsed = async () => (await on.reads.keyAdmin.list())[0]?.lastUsedAt;

    it("are read once a minute", async () => {
      await create();
      await find();
      on.setClock(noon + 60 * second - 1);
      await find();
      expect(calls).toMatchObject({ BatchGetItemCommand: 1 });
      on.setClock(noon + 60 * second);
      await find();
      expect(calls).toMatchObject({ BatchGetItemCommand: 2 });
    });

    it("are dead a minute after they were revoked, also to a process that knew them", async () => {
      const { id } = await create();
      await find();
      await on.reads.keyAdmin.revoke(id);
      on.setClock(noon + 60 * second);
      expect(await find()).toBeNull();
    });

    it("work ten seconds after they were made, also to a process that was asked before", async () => {
      expect(await find()).toBeNull();
      await create();
      on.setClock(noon + 10 * second);
      expect(await find()).toMatchObject({ box: "gate-1" });
    });

    it("note when they were last used, once an hour", async () => {
      await create();
      await find();
      expect(await lastUsed()).toBe(new Date(noon).toISOString());
      on.setClock(noon + hour - 60 * second);
      await find();
      expect(await lastUsed()).toBe(new Date(noon).toISOString());
      on.setClock(noon + hour);
      await find();
      expect(await lastUsed()).toBe(new Date(noon + hour).toISOString());
    });

    it("are found also where their use cannot be noted", async () => {
      await create();
      on.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          (args) =>
            commandName === "UpdateItemCommand" ? Promise.reject(new Error("no")) : next(args),
        { step: "initialize" },
      );
      expect(await find()).toMatchObject({ box: "gate-1" });
      expect(on.lines).toMatchObject([{ level: "warn", message: "the use of a key was not noted" }]);
    });

    it("stay known while thousands of other tokens are tried", async () => {
      await create();
      await find();
      for (let n = 0; n < 1100; n++) await on.ingest.keys.find(hashToken(`guess ${n}`));
      const { BatchGetItemCommand } = calls;
      await find();
      expect(calls).toMatchObject({ BatchGetItemCommand });
      // The first guess was forgotten, the last was not.
      await on.ingest.keys.find(hashToken("guess 1099"));
      expect(calls).toMatchObject({ BatchGetItemCommand });
      await on.ingest.keys.find(hashToken("guess 0"));
      expect(calls["BatchGetItemCommand"]).toBe((BatchGetItemCommand ?? 0) + 1);
    });

    it("keep when they were revoked first", async () => {
      const { id } = await create();
      await on.reads.keyAdmin.revoke(id);
      on.setClock(noon + hour);
      await on.reads.keyAdmin.revoke(id);
      expect((await on.reads.keyAdmin.list())[0]?.revokedAt).toBe(new Date(noon).toISOString());
    });

    it("are made once a token", async () => {
      await create();
      await expect(create()).rejects.toThrow("already");
    });
  });
});
