import { hearCheck } from "@gatepost/core/actions";
import { actionId, checkBox, type FaceEvent } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
let checked: string;
let real: string;
beforeEach(async () => {
  deps = await runtime();
  const update = passing({ want_action: "1002" });
  [checked, real] = [await eventOf(update, checkBox), await eventOf(update, "gate-1")];
});

async function eventOf(body: unknown, box: string): Promise<string> {
  const [outcome] = await deps.deliver(body, { box });
  return outcome?.event?.id ?? "";
}

const hearing = () => ({ ...deps.deps, actions: deps.ingest.actions });

const shown = async (path: string) => JSON.stringify(await (await deps.ask(path)).json());
const stateOf = async (id: string) =>
  ((await (await deps.ask(`/v1/events/${id}`)).json()) as FaceEvent).actions.map(({ state, reason }) => [
    state,
    reason,
  ]);
const envelope = (id: string) => ({
  detail: { idempotency_key: actionId(id, "1002"), event: { id }, photo: null },
});

describe("the events of checks", () => {
  it.each(["/v1/events", "/v1/events?person=77", "/v1/events?order=received", "/v1/actions"])(
    "check events are not in %s",
    async (path) => {
      const answer = await shown(path);
      expect([answer.includes(real), answer.includes(checked)]).toEqual([true, false]);
    },
  );

  it.each([
    ["", false],
    ["&with=checks", true],
  ])("check events are in the feed if it is asked for checks: %s", async (query, isListed) => {
    const answer = await shown(`/v1/events?order=received${query}`);
    expect([answer.includes(real), answer.includes(checked)]).toEqual([true, isListed]);
  });

  it("check events are listed if their box is named, and are read by id", async () => {
    expect(await shown(`/v1/events?box=${checkBox}`)).toContain(checked);
    expect((await deps.ask(`/v1/events/${checked}`)).status).toBe(200);
  });
});

describe("the receiver of checks on the bus", () => {
  it("the action of a check is settled as done", async () => {
    await hearCheck(envelope(checked), hearing());
    expect(await stateOf(checked)).toEqual([["done", "heard on the bus"]]);
  });

  it("a forged check event does not settle the action of another box", async () => {
    await hearCheck(envelope(real), hearing());
    await hearCheck({ detail: { ...envelope(real).detail, event: { id: checked } } }, hearing());
    expect(await stateOf(real)).toEqual([["pending", null]]);
  });

  it.each(["act_1", "", actionId("evt_00000000000000000000000000", "1001")])(
    "an unknown action changes nothing: %j",
    async (idempotency_key) => {
      await hearCheck({ detail: { ...envelope(checked).detail, idempotency_key } }, hearing());
      expect(await stateOf(checked)).toEqual([["pending", null]]);
    },
  );

  it.each([[{}], [{ detail: null }], [{ detail: { idempotency_key: 1 } }]])(
    "an entry without the needed fields is refused: %j",
    async (sent) => {
      await expect(hearCheck(sent, hearing())).rejects.toThrow();
    },
  );
});
