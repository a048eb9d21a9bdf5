import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { hashToken, newToken } from "@gatepost/core/keys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyRows, eventsSince, missingOthers, others, type Selection } from "../../../scripts/restore/copy-rows.ts";
import { goneRows, isInUse, removeRows } from "../../../scripts/restore/gone.ts";
import { onStandIns } from "../../standins/aws.ts";
import { verified } from "../../support/audit.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { history, realtime } from "../../support/reports.ts";
import { rowsOf } from "../../system/rehearsal/recovered.ts";
import { deliver } from "./posting.ts";
import { before, runtimeOn, type TestRuntime } from "./runtime.ts";

const second = 1000;

/** The script goes by the clock of the machine. */
const start = Date.now() - 60 * 60 * second;

onStandIns((standIns) => {
  describe("a restored table that got the rows of the old one by scripts/restore,", () => {
    let old: TestRuntime;
    let restored: TestRuntime;
    let token: string;
    beforeEach(async () => {
      [old, restored] = [await runtimeOn(standIns), await runtimeOn(standIns)];
      token = newToken("ingest");
      await old.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
    });
    afterEach(async () => {
      await old.close();
      await restored.close();
    });

    /** Writes the present rows of the old table to the new one, as the restore does. */
    const restore = async () => {
      const TableName = restored.names.table;
      for (const Item of await rowsOf(old.clients.dynamo, old.names.table))
        await old.clients.dynamo.send(new PutItemCommand({ TableName, Item }));
    };
    const copy = (selection: Selection) => {
      const tables = { from: old.names.table, to: restored.names.table };
      const failed = (pk: string, cause: unknown) => expect.unreachable(`${pk}: ${cause}`);
      return copyRows(old.clients.dynamo, tables, selection, { progress: () => {}, failed });
    };
    /** Delivers a report when the clock of the function says a time. */
    const report = async (to: TestRuntime, at: number, route: string, person: string) => {
      to.setClock(at);
      const make = route === "HistoryEvent" ? history : realtime;
      const body = make({ identity_id: person, timestamp: start });
      expect(await deliver(body, { token, ports: to.ingest, route })).toMatchObject({ statusCode: 200 });
    };
    const kindsOf = async (person: string) => {
      const { items } = await restored.reads.events.list({ person }, { limit: 10, cursor: null });
      return items.map(({ reports }) => reports.map(({ kind }) => kind).toSorted());
    };

    it("opens nothing to a key that was revoked before the functions wrote to it", async () => {
      const key = await old.ingest.keys.find(hashToken(token));
      await copy(others);
      await old.reads.keyAdmin.revoke(key?.id ?? "");
      const made = newToken("read");
      await old.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(made) });
      await copy(missingOthers);
      expect(await restored.ingest.keys.find(hashToken(token))).toBeNull();
      expect(await restored.ingest.keys.find(hashToken(made))).toMatchObject({ scope: "read" });
      expect(await copy(missingOthers)).toMatchObject({ written: 0 });
    });

    it("continues the audit log from the time of the copy", async () => {
      const note = (to: TestRuntime, key: string) =>
        to.reads.audit.note({ action: "key-made", outcome: "done", by: "operator", from: null, about: { key } });
      for (const key of ["key_1", "key_2"]) await note(old, key);
      before(old.clients.dynamo, "ScanCommand", "", () => note(old, "key_3"));
      await copy(others);
      await note(old, "key_4");
      await copy(missingOthers);
      await note(restored, "key_5");
      const { items } = await restored.reads.audit.list({}, { limit: 10, cursor: null });
      expect(items.map(({ about }) => about["key"])).toEqual(["key_5", "key_2", "key_1"]);
      expect((await verified(restored.reads.audit, { now: start })).faults).toEqual([]);
    });

    it("has nothing of erased people but what the old one still has", async () => {
      const at = start - second;
      for (const result of [["gone"], ["stays"]]) {
        const box = `gate of ${result}`;
        await old.ingest.boxStatus.put({ box, kind: "mq-result", receivedAt: at, report: { result } });
      }
      for (const person of ["gone", "stays"]) await report(old, at, "HistoryEvent", person);
      await restore();
      old.setClock(start);
      await erasePerson(old.reads.eraser, "gone", null);
      await copy(others);
      const keys: string[] = [];
      const tables = { from: old.names.table, to: restored.names.table };
      for await (const pk of goneRows(old.clients.dynamo, tables, start)) keys.push(pk);
      expect(keys.toSorted()).toEqual([expect.stringMatching(/^evt_/), "notice mq-result gate of gone"]);
      const all = await rowsOf(old.clients.dynamo, old.names.table);
      const stays = all.map(({ pk }) => pk?.S ?? "");
      expect(await removeRows(old.clients.dynamo, tables, [...keys, ...stays])).toBe(2);
      expect([await kindsOf("gone"), await kindsOf("stays")]).toEqual([[], [["history"]]]);
      expect((await rowsOf(old.clients.dynamo, tables.to)).length).toBe(all.length);
    });

    it("has the action of a joined event in its state, and announces it once", async () => {
      const restoredTo = start + 60 * second;
      await restore();
      const body = (want_action: string) => history({ identity_id: "asking", timestamp: start, want_action });
      old.setClock(restoredTo + 600 * second);
      expect(await deliver(body("1002"), { token, ports: old.ingest })).toMatchObject({ statusCode: 200 });
      await report(restored, restoredTo + 601 * second, "RealTimeEvent", "asking");
      expect(await copy(eventsSince(restoredTo))).toMatchObject({ joined: 1, failed: 0 });
      const actionsIn = async ({ reads }: TestRuntime) => {
        const { items } = await reads.events.list({ person: "asking" }, { limit: 1, cursor: null });
        return items[0]?.actions.map(({ wantAction, state }) => ({ wantAction, state }));
      };
      expect(await actionsIn(restored)).toEqual([{ wantAction: "1002", state: "announced" }]);
      expect(await actionsIn(restored)).toEqual(await actionsIn(old));
    });

    it("is in use once functions have written to it, and the old one no more", async () => {
      const tables = { from: old.names.table, to: restored.names.table };
      const isUsed = () => isInUse(old.clients.dynamo, tables);
      const write = (to: TestRuntime, time: number) =>
        old.clients.dynamo.send(
          new PutItemCommand({ TableName: to.names.table, Item: { pk: { S: "pulse" }, time: { N: `${time}` } } }),
        );
      expect(await isUsed()).toBe(false);
      await write(old, 1);
      await copy(others);
      expect(await isUsed()).toBe(false);
      await write(restored, 2);
      expect(await isUsed()).toBe(true);
      await write(old, 3);
      expect(await isUsed()).toBe(false);
    });

    it("has events that were acknowledged around that second, by any clock", async () => {
      const restoredTo = start + 60 * second;
      await report(old, restoredTo + 4 * second, "RealTimeEvent", "of a clock that is ahead");
      await restore();
      // The time of a change is taken before it is written.
      const other = await runtimeOn({ fresh: async () => old });
      await report(other, restoredTo - second, "HistoryEvent", "written late");
      await report(old, restoredTo + 20 * second, "HistoryEvent", "of a clock that is ahead");
      await copy(eventsSince(restoredTo));
      expect(await kindsOf("written late")).toEqual([["history"]]);
      expect(await kindsOf("of a clock that is ahead")).toEqual([["history", "realtime"]]);
    });

    it("has every report of a passing that both tables received while functions were replaced", async () => {
      const restoredTo = start + 60 * second;
      await restore();
      await report(old, restoredTo + 600 * second, "HistoryEvent", "in between");
      await report(restored, restoredTo + 601 * second, "RealTimeEvent", "in between");
      expect(await copy(eventsSince(restoredTo))).toMatchObject({ read: 1, joined: 1 });
      expect(await kindsOf("in between")).toEqual([["history", "realtime"]]);
      expect(await copy(eventsSince(restoredTo))).toMatchObject({ read: 1, kept: 1 });
    });
  });
});
