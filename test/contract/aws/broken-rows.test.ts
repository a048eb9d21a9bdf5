import { type AttributeValue, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { type ApiPorts, api } from "@gatepost/api";
import { hashToken, newToken } from "@gatepost/core/keys";
import { BrokenRow, idOf, monthOf } from "@gatepost/protocol";
import { receiver } from "@gatepost/receive";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { boxRequest } from "../../support/http.ts";
import { history, understood } from "../../support/reports.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { action, noon, picture, report, upsert } from "../samples.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("a broken row", () => {
    const eventId = idOf("evt", ["a"]);
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      await deps.ingest.index.upsert(upsert("a", { action: action("a", "1001") }));
      await deps.ingest.index.upsert(upsert("b"));
    });
    afterEach(() => deps.close());

    const setTo = (pk: string, name: string, value: AttributeValue) =>
      deps.clients.dynamo.send(
        new UpdateItemCommand({
          TableName: deps.names.table,
          Key: { pk: { S: pk } },
          UpdateExpression: "SET #name = :value",
          ExpressionAttributeNames: { "#name": name },
          ExpressionAttributeValues: { ":value": value },
        }),
      );
    const set = (pk: string, name: string, S: string) => setTo(pk, name, { S });
    const put = (pk: string, row: Record<string, string>) =>
      deps.clients.dynamo.send(
        new PutItemCommand({
          TableName: deps.names.table,
          Item: { pk: { S: pk }, ...Object.fromEntries(Object.entries(row).map(([name, S]) => [name, { S }])) },
        }),
      );

    const isThere = async (pk: string) => {
      const asked = new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: pk } } });
      return (await deps.clients.dynamo.send(asked)).Item !== undefined;
    };

    it.each([
      ["r_history", '{"person":{"name":"小明"', "r_history: expected object"],
      ["r_history", '{"kind":"history"}', "r_history.dialect: invalid_union; r_history.receivedAt: expected number"],
      ["r_pass_record", "[]", "r_pass_record: expected object"],
    ])("is an error that names the event, if %s is %s", async (name, text, fault) => {
      await set(eventId, name, text);
      const broken = new Error(`event ${eventId} is not as this version stores it: ${fault}`);
      await expect(deps.reads.events.get(eventId)).rejects.toThrow(broken);
      await expect(deps.reads.events.list({}, { limit: 10, cursor: null })).rejects.toThrow(broken);
    });

    it.each([
      ["a_1001", "forgotten#3", "state: invalid_value"],
      ["n_1001", "小明", "reason: expected string"],
      ["t_1001", "tomorrow", "key: custom"],
    ])("is an error that names the action, if its %s is broken", async (name, text, fault) => {
      await set(eventId, name, text);
      await expect(deps.reads.events.get(eventId)).rejects.toThrow(
        new Error(`action 1001 of event ${eventId} is not as this version stores it: ${fault}`),
      );
    });

    it("is an error if its expiry is no number, never an event without expiry", async () => {
      await set(eventId, "ttl", "soon");
      const broken = `ttl of row ${eventId} is not as this version stores it: expected number`;
      await expect(deps.reads.events.get(eventId)).rejects.toThrow(broken);
    });

    it.each(["history", "realtime", "pass-record"] as const)(
      "makes a %s report fail as a broken row, not as a store failure",
      async (kind) => {
        await set(eventId, "r_history", "{");
        const entry = upsert("a", { report: report({ kind }) });
        for (const _ of ["at first", "again"]) {
          const why = await deps.ingest.index.upsert(entry).catch((error: unknown) => error);
          expect(why instanceof BrokenRow && why.event).toBe(eventId);
        }
      },
    );

    it("does not keep other actions from being announced", async () => {
      await set(eventId, "h_1001", "soon");
      const lease = () => deps.ingest.actions.lease({ before: noon, until: noon + 60_000, limit: 10 });
      await expect(lease()).rejects.toThrow("no action could be leased");
      await deps.ingest.index.upsert(upsert("c", { action: action("c", "1001") }));
      expect((await lease()).map(({ event }) => event.id)).toEqual([upsert("c").eventId]);
      const cause = new Error(`h_1001 of row ${eventId} is not as this version stores it: expected number`);
      expect(deps.lines).toContainEqual({ level: "error", message: "action not leased", facts: { cause } });
    });

    it("makes no process trust its known pictures, if it is the erasure seal", async () => {
      await put("erasure-seal", { brokenAt: "yesterday" });
      const calls = countCalls(deps.clients);
      await putPicture(deps.ingest.pictures, "2026-11", "registered", picture("known"));
      await putPicture(deps.ingest.pictures, "2026-11", "registered", picture("known"));
      expect(calls["PutObjectCommand"]).toBe(2);
      const [line] = deps.lines.filter(({ message }) => message === "could not read time of last erasure");
      expect(JSON.stringify(line?.facts, (_, value) => (value instanceof Error ? value.message : value))).toContain(
        "erasure-seal is not as this version stores it: brokenAt: expected number",
      );
    });

    describe("when it is an event", () => {
      const [own, shared, third] = [picture("own"), picture("shared"), picture("third")];
      const faceOf = ({ data: _, ...facts }: typeof own) => report({ pictures: { registered: facts } });
      const isKept = async ({ sha256 }: typeof own) =>
        (await deps.reads.pictures.get(pictureAt(month, "registered", sha256))) !== null;
      const month = monthOf(noon);
      const finish = () => {
        deps.setClock(noon + 120_000);
        return deps.reads.eraser.finish();
      };
      beforeEach(async () => {
        for (const face of [own, shared, third]) await putPicture(deps.ingest.pictures, month, "registered", face);
      });

      it("is erased with its person and its pictures, and logged", async () => {
        await deps.ingest.index.upsert(upsert("mine", { report: faceOf(own) }));
        const mine = upsert("mine").eventId;
        await set(mine, "r_history", '{"kind"');
        await set(eventId, "ttl", "soon");
        expect(await erasePerson(deps.reads.eraser, "666666", "gate-1")).toBe(3);
        for (const pk of [mine, eventId]) expect(await isThere(pk)).toBe(false);
        const broken = { level: "warn", message: "an event that is broken was erased" };
        for (const event of [mine, eventId]) {
          expect(deps.lines).toContainEqual({ ...broken, facts: { event, cause: expect.any(Error) } });
        }
        await finish();
        expect(await isKept(own)).toBe(false);
      });

      it.each([
        ["rev", { S: "often" }],
        ["rev", { BOOL: true }],
        ["box", { NULL: true }],
        ["made", { N: "1" }],
        ["r_history", { M: {} }],
        ["ttl", { BOOL: true }],
        ["a_of_nobody", { L: [] }],
      ] satisfies [string, AttributeValue][])(
        "is erased alone and with its person, if %s is %j",
        async (name, value) => {
          await setTo(eventId, name, value);
          expect(await deps.reads.eraser.eraseEvent(eventId)).toBe(true);
          expect(await isThere(eventId)).toBe(false);
          await deps.ingest.index.upsert(upsert("c", { report: faceOf(own) }));
          await setTo(upsert("c").eventId, name, value);
          expect(await erasePerson(deps.reads.eraser, "666666", null)).toBe(2);
          expect([await isThere(upsert("c").eventId), await isThere(upsert("b").eventId)]).toEqual([false, false]);
          await finish();
          expect(await isKept(own)).toBe(false);
        },
      );

      it("is erased by the API with its quarantined report, and its next report is dropped", async () => {
        const [token, admin] = [newToken("ingest"), newToken("admin")];
        await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
        await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
        const body = history({ timestamp: noon });
        const post = () => receiver(deps.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body }));
        const kept = async () => (await deps.reads.quarantine.list(null, { limit: 10, cursor: null })).items;
        await post();
        const { eventId: broken } = understood(body);
        await set(broken, "r_history", "{");
        expect((await post()).status).toBe(200);
        expect((await kept()).map(({ reason }) => reason)).toEqual(["event-broken"]);
        const answer = await api(deps.reads as ApiPorts).request(`/v1/events/${broken}`, {
          method: "DELETE",
          headers: { authorization: `Bearer ${admin}` },
        });
        expect(answer.status).toBe(204);
        await finish();
        expect((await post()).status).toBe(200);
        expect([await kept(), await isThere(broken)]).toEqual([[], false]);
      });

      it("is erased alone even without any report", async () => {
        await put("evt_empty", { box: "gate-1", made: "1", changed: "1" });
        await setTo("evt_empty", "ttl", { N: String(noon) });
        await setTo("evt_empty", "rev", { N: "1" });
        expect(await deps.reads.eraser.eraseEvent("evt_empty")).toBe(true);
        expect(await isThere("evt_empty")).toBe(false);
        await finish();
      });

      it("is kept with its picture if it is another person's", async () => {
        const other = { ...faceOf(shared), person: { id: "8" } };
        await deps.ingest.index.upsert(upsert("other", { report: other }));
        await deps.ingest.index.upsert(upsert("mine", { report: faceOf(shared) }));
        await set(upsert("other").eventId, "r_history", "{}");
        expect(await erasePerson(deps.reads.eraser, "666666", "gate-1")).toBe(3);
        await finish();
        expect([await isThere(upsert("other").eventId), await isKept(shared)]).toEqual([true, true]);
      });

      it("keeps the erasure open, and only pictures that it may show", async () => {
        const stays = upsert("stays", { report: { ...faceOf(third), person: { id: "8" } } });
        await deps.ingest.index.upsert(stays);
        const later = { ...faceOf(shared), kind: "realtime" as const, person: { id: "8" } };
        await deps.ingest.index.upsert({ ...stays, report: later });
        for (const face of [shared, own]) await deps.ingest.index.upsert(upsert(face.sha256, { report: faceOf(face) }));
        await set(stays.eventId, "r_history", "{}");
        expect(await erasePerson(deps.reads.eraser, "666666", "gate-1")).toBe(4);
        await expect(finish()).rejects.toThrow("stay due");
        expect([await isKept(own), await isKept(shared)]).toEqual([false, true]);
        await deps.reads.eraser.eraseEvent(stays.eventId);
        deps.setClock(noon + 300_000);
        await deps.reads.eraser.finish();
        expect(await isKept(shared)).toBe(false);
      });
    });

    it.each([
      ["headers", { S: "[" }],
      ["event", { BOOL: true }],
      ["receivedAt", { S: "today" }],
      ["box", { NULL: true }],
    ] satisfies [string, AttributeValue][])(
      "is erased with its event as a quarantine record whose %s is %j",
      async (name, value) => {
        const record = { id: "qrt_1", box: "gate-1", path: "/", reason: "not-json", receivedAt: noon, headers: {} };
        const event = { id: eventId, fingerprint: "f" };
        await deps.ingest.quarantine.put({ ...record, body: Buffer.from("{"), event });
        await setTo("qrt_1", name, value);
        expect(await deps.reads.eraser.eraseEvent(eventId)).toBe(true);
        deps.setClock(noon + 120_000);
        await deps.reads.eraser.finish();
        expect([await isThere(eventId), await isThere("qrt_1")]).toEqual([false, false]);
        const { Contents = [] } = await deps.clients.s3.send(new ListObjectsV2Command({ Bucket: deps.names.bucket }));
        expect(Contents.map(({ Key }) => Key)).toEqual([]);
      },
    );

    it.each([{ S: "soon" }, { BOOL: true }] satisfies AttributeValue[])(
      "is replaced by a repeated report if it is a quarantine record with ttl %j",
      async (value) => {
        const record = { id: "qrt_1", box: "gate-1", path: "/", reason: "not-json", receivedAt: noon, headers: {} };
        const put = () => deps.ingest.quarantine.put({ ...record, body: Buffer.from("{"), event: null });
        await put();
        await setTo("qrt_1", "ttl", value);
        await put();
        expect(await deps.reads.quarantine.get("qrt_1")).toMatchObject({ id: "qrt_1", body: Buffer.from("{") });
      },
    );

    it("is named in the error if it is a quarantine record", async () => {
      const record = { id: "qrt_1", box: "gate-1", path: "/", reason: "not-json", receivedAt: noon, headers: {} };
      await deps.ingest.quarantine.put({ ...record, body: Buffer.from("{"), event: null });
      await set("qrt_1", "headers", "[");
      await expect(deps.reads.quarantine.get("qrt_1")).rejects.toThrow(
        "quarantine record qrt_1 is not as this version stores it: headers: expected record",
      );
    });
  });
});
