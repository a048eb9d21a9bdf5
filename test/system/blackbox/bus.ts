import { randomUUID } from "node:crypto";
import type { ActionState, JsonObject } from "@gatepost/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { photo } from "../../support/pictures.ts";
import { history, noon, stranger } from "../../support/reports.ts";
import type { Envelope } from "../../support/subscriber.ts";
import type { Running } from "./main-job.ts";

const actionPage = z.object({ actions: z.array(z.object({ state: z.string(), told: z.boolean().nullable() })) });

const visitPage = z.object({
  visits: z.array(
    z.object({ library: z.string(), person: z.string(), host: z.string().nullable(), came: z.string().nullable() }),
  ),
});

export interface RunningBus extends Running {
  /** Installs a rule with a new webhook. The returned list has its deliveries so far. */
  install(pattern: object): Promise<{ delivered(): readonly Envelope[] }>;
  /** Has the passings since the last check looked at; absent if that happens by itself. */
  sweep?(): Promise<unknown>;
}

/**
 * The bus as a box and a subscriber see it, on any runtime.
 *
 * @param knowsRules false on AWS: EventBridge does not say which rules match
 */
export function busJob(runtime: string, start: () => Promise<RunningBus>, { knowsRules = true } = {}): void {
  describe(`on ${runtime}, a box requests an action and subscribers receive it:`, () => {
    let running: RunningBus;
    let client: Client;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
    });
    afterAll(() => running.stop());

    /** A new box, and a rule for it alone. */
    const boxWithRule = async (pattern: object) => {
      const name = `gate-${randomUUID().slice(0, 8)}`;
      const box = new Box(running.url, (await client.createKey(name)).token);
      const ofBox = { source: ["gatepost"], detail: { event: { box: { id: [name] } }, ...pattern } };
      const hook = await running.install(ofBox);
      // As a box does when it is told to: a store that is busy with a hundred others may take longer than a box waits.
      const post = (body: JsonObject) =>
        expect.poll(async () => (await box.post("/HistoryEvent", body)).status).toBe(200);
      const events = () => client.events(`&box=${name}`);
      return { post, hook, events };
    };
    const states = async (events: ReturnType<Client["events"]>): Promise<ActionState[]> =>
      (await events).flatMap(({ actions }) => actions.map(({ state }) => state));

    it("an action is late if its passing was an hour ago", async () => {
      const { post, hook } = await boxWithRule({ want_action: ["1001", "1002"] });
      await post(history({ identity_id: "1", want_action: "1002", timestamp: Date.now() - 3_600_000 }));
      await post(history({ identity_id: "2", want_action: "1002", timestamp: Date.now() }));
      await expect.poll(() => hook.delivered().length).toBe(2);
      const byPerson = hook
        .delivered()
        .map(({ detail }) => [detail.event.person.id, detail["late"], detail["late_reason"]]);
      expect(byPerson.sort()).toEqual([
        ["1", true, "history"],
        ["2", false, null],
      ]);
    });

    it("1001 and 1002 arrive by a rule on detail.want_action, 0 does not", async () => {
      const { post, hook, events } = await boxWithRule({ want_action: ["1001", "1002"] });
      await post(history({ identity_id: "0", want_action: "0" }));
      await post(stranger({ want_action: 1001 }, { recognize_face: photo("face") }));
      await post(history({ identity_id: "2", want_action: "1002" }));
      await expect.poll(() => hook.delivered().length).toBe(2);
      const byAction = [...hook.delivered()].sort((a, b) =>
        `${a.detail.want_action}` < `${b.detail.want_action}` ? -1 : 1,
      );
      expect(byAction).toMatchObject([
        {
          source: "gatepost",
          "detail-type": "Stranger Registration Requested",
          detail: { want_action: "1001", action: "register-stranger", photo: { kind: "face" } },
        },
        {
          source: "gatepost",
          "detail-type": "Base Photo Update Requested",
          detail: { want_action: "1002", action: "update-photo", event: { person: { id: "2" } } },
        },
      ]);
      await expect.poll(() => states(events())).toEqual(["announced", "announced"]);
    });

    it("an unknown action is stored with a flag, and requests nothing", async () => {
      const { post, hook, events } = await boxWithRule({});
      await post(history({ identity_id: "3", want_action: "1003" }));
      await post(history({ identity_id: "2", want_action: "1002" }));
      await expect.poll(() => hook.delivered().length).toBe(1);
      const found = (await events()).map(({ person, wantAction, actions, flags }) => [
        ...[person.id, wantAction, actions.length, flags],
      ]);
      expect(found.sort()).toEqual([
        ["2", "1002", 1, []],
        ["3", "1003", 0, ["unknown-action"]],
      ]);
      const about = `&flag=unknown-action&from=${noon - 1000}&to=${noon + 1000}`;
      expect((await client.events(about)).map(({ person }) => person.id)).toEqual(["3"]);
    });

    it("a stranger too poor to register is withheld and never announced", async () => {
      const { post, hook, events } = await boxWithRule({});
      await post(stranger({ want_action: "1001" }, { box_fiqa_info: { fiqa_result: false } }));
      expect(await states(events())).toEqual(["withheld"]);
      await post(history({ want_action: "1002" }));
      await expect.poll(() => hook.delivered().length).toBe(1);
      expect(hook.delivered()).toMatchObject([{ detail: { want_action: "1002" } }]);
      expect((await states(events())).sort()).toEqual(["announced", "withheld"]);
    });

    it("a hundred copies at once are announced once", async () => {
      const { post, hook, events } = await boxWithRule({});
      const body = history({ want_action: "1002" });
      await Promise.all(Array.from({ length: 100 }, () => post(body)));
      await post(history({ identity_id: "last", want_action: "1002" }));
      await expect.poll(() => hook.delivered().length).toBeGreaterThanOrEqual(2);
      await expect.poll(() => states(events())).toEqual(["announced", "announced"]);
      const people = hook.delivered().map(({ detail }) => detail.event.person.id);
      expect(people.sort()).toEqual(["888001", "last"]);
    });

    /** A box that has asked for an action, for which no rule was made. */
    const boxWithoutRule = async () => {
      const name = `gate-${randomUUID().slice(0, 8)}`;
      const box = new Box(running.url, (await client.createKey(name)).token);
      await expect
        .poll(async () => (await box.post("/HistoryEvent", history({ want_action: "1002" }))).status)
        .toBe(200);
      const actions = async (filter: string) => {
        const answer = await client.get(`/v1/actions?box=${name}&state=announced${filter}`);
        return actionPage.parse(await answer.json()).actions;
      };
      await expect.poll(() => actions("")).toMatchObject([{ state: "announced" }]);
      return { name, actions };
    };

    it.runIf(knowsRules)("lists an action that no rule matches as not told", async () => {
      const { name, actions } = await boxWithoutRule();
      expect(await actions("")).toMatchObject([{ told: false }]);
      expect(await actions("&told=false")).toHaveLength(1);
      expect(await actions("&told=true")).toEqual([]);
      expect((await client.get("/v1/actions?told=no")).status).toBe(400);
      const counted = await client.get(`/v1/actions/count?box=${name}&state=announced&told=false`);
      expect(await counted.json()).toEqual({ count: 1, isExact: true });
    });

    it.runIf(!knowsRules)("answers null to whether someone is told, and refuses that filter", async () => {
      const { actions } = await boxWithoutRule();
      expect(await actions("")).toMatchObject([{ told: null }]);
      for (const path of ["/v1/actions?told=false", "/v1/actions/count?told=true"]) {
        const refused = await client.get(path);
        const detail = expect.stringContaining("a queue of the bus keeps each action for 14 days");
        expect([refused.status, await refused.json()]).toMatchObject([400, { detail }]);
      }
    });

    it("a visitor who passes is told once and expected, until an undo or the erasure of the stranger's event", async () => {
      const name = `gate-${randomUUID().slice(0, 8)}`;
      const box = new Box(running.url, (await client.createKey(name)).token);
      // As a bridge has one.
      expect((await client.post("/v1/keys", { scope: "read", boxes: [name] })).status).toBe(201);
      const hook = await running.install({ "detail-type": ["Visitor Arrived"], detail: { box: { id: [name] } } });
      const expected = async () => {
        const { visits } = visitPage.parse(await (await client.get("/v1/visits?site=default&limit=100")).json());
        return visits.filter(({ library }) => library === name);
      };
      const asked = async (visitor: string) => {
        const body = stranger({ identity_id: visitor, want_action: "1001" }, { recognize_face: photo(visitor) });
        expect((await box.post("/HistoryEvent", { ...body, timestamp: Date.now() })).status).toBe(200);
        const found = async () => (await client.events(`&box=${name}`)).find(({ person }) => person.id === visitor);
        await expect.poll(async () => (await found())?.actions).toHaveLength(1);
        const event = await found();
        const validUntil = new Date(Date.now() + 3_600_000).toISOString();
        const visit = { name: "Ada", type: "visitor", host: "Grace", validUntil };
        const path = `/v1/actions/${event?.actions[0]?.id}`;
        await expect.poll(async () => (await client.post(`${path}/approval`, visit)).status).toBe(200);
        expect((await client.post(path, { state: "done" })).status).toBe(200);
        return { event: event?.id, path };
      };
      await running.sweep?.();
      const ada = await asked("v1");
      expect(await expected()).toMatchObject([{ person: "v1", host: "Grace", came: null }]);
      const at = Date.now();
      expect(
        (await box.post("/HistoryEvent", history({ identity_id: "v1", timestamp: at }, { person_type: 2 }))).status,
      ).toBe(200);
      const told = async () => {
        await running.sweep?.();
        return hook.delivered().map(({ detail }) => detail["visit"]);
      };
      await expect.poll(told).toMatchObject([{ person: "v1", host: "Grace" }]);
      await expect.poll(expected).toMatchObject([{ person: "v1", came: new Date(at).toISOString() }]);
      const bob = await asked("v2");
      expect((await client.post(`${bob.path}/approval/undo`, {})).status).toBe(200);
      expect(await expected()).toMatchObject([{ person: "v1" }]);
      expect(await told()).toHaveLength(1);
      expect((await client.delete(`/v1/events/${ada.event}`)).status).toBe(204);
      expect(await expected()).toEqual([]);
    });

    it("the subscriber reports its outcome", async () => {
      const { post, hook, events } = await boxWithRule({});
      await post(history({ want_action: "1002" }));
      await expect.poll(() => hook.delivered().length).toBe(1);
      const id = hook.delivered()[0]?.detail.idempotency_key;
      await expect.poll(() => states(events())).toEqual(["announced"]);
      const settle = (body: JsonObject) => client.post(`/v1/actions/${id}`, body);
      const failed = await settle({ state: "failed", note: "the camera is off" });
      expect(await failed.json()).toMatchObject({ id, state: "failed", reason: "the camera is off" });
      expect((await settle({ state: "done" })).status).toBe(200);
      expect((await settle({ state: "failed" })).status).toBe(409);
      expect(await states(events())).toEqual(["done"]);
    });
  });
}
