import { replay } from "@gatepost/receive";
import { describe, expect, it } from "vitest";
import { dropsMuch } from "../../../packages/receive/src/decode/json.ts";
import { deliver } from "../../support/ends.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history, noon, realtime } from "../../support/reports.ts";

const [one, two] = [history({ identity_id: "one" }), history({ identity_id: "two", timestamp: noon + 1 })].map((body) =>
  JSON.stringify(body),
);
const ext = (ip: string) => `"ext_data":{"device_ip":"${ip}","person_type":1}`;
const rest = `"identity_id":"one","timestamp":${noon}`;

describe("the value dropped for a duplicate key", () => {
  it.each([
    ["an object", '{"a":{"b":1},"a":{"b":2}}'],
    ["an object, in a body with blanks around it", ' {"a":{"b":1},"a":{"b":2}} '],
    ["an object, for a word", '{"a":{"b":1}, "a" : 1 }'],
    ["a list", '{"a":[1],"a":[2]}'],
    ["the first of three", '{"a":[1],"a":[2],"a":[2]}'],
    ["under a name with an escape", '{"a":[1],"\\u0061":[2]}'],
    ["deep within", '[{"x":[{"a":[1],"b":"}{","a":[2]}]}]'],
    ["a picture", `{"spot_pic":"${photo("a")}","spot_pic":"${photo("b")}"}`],
    ["an action", '{"want_action":"1002","want_action":"0"}'],
    ["an action in white space", '{"want_action":" 1001\\n","want_action":"0"}'],
    ["an action as a number", '{"post_action":1001,"post_action":null}'],
  ])("is more than a word: %s", (_, json) => expect(dropsMuch(json)).toBe(true));

  it.each([
    ["an equal object", '{"a":{"b":1},"a":{"b":1}}'],
    ["a word", '{"a":"x","a":{"b":1}}'],
    ["no action", '{"want_action":"0","want_action":"1001"}'],
    ["an equal action", '{"want_action":"1001","want_action":"1001"}'],
    ["a word with marks in it", '{"a":"[1]:{","a":"\\"{,","b":{}}'],
    ["a name in another object", '{"a":{"a":[1]},"b":[{"a":[2]},{"a":[3]}]}'],
  ])("is nothing or a word: %s", (_, json) => expect(dropsMuch(json)).toBe(false));

  it("is judged for any number of names at any depth", () => {
    let json = "{}";
    for (let level = 0; level < 16; level++) json = `{"a":${json},"a":${json}}`;
    expect(dropsMuch(json)).toBe(false);
    expect(dropsMuch(`{${'"a":1,'.repeat(500_000)}"a":[]}`)).toBe(false);
  });
});

describe("a report with a large duplicate value", () => {
  it.each([
    ["as JSON", `{${rest},${ext("10.0.0.1")},${ext("10.0.0.2")}}`],
    ["as nearly JSON", `{${rest},${ext("10.0.0.1")},${ext("10.0.0.2")},}`],
    ["in a text in it", JSON.stringify({ identity_id: "one", timestamp: noon, ext_data: `{${ext("1")},${ext("2")}}` })],
  ])("is an event, and is kept as well: %s", async (_, body) => {
    const { deps } = await deliver(body);
    const [event, ...others] = deps.events();
    expect([event?.flags.includes("duplicate-keys"), others]).toEqual([true, []]);
    const [record] = deps.records.values();
    expect([deps.reasons(), record?.event?.id]).toEqual([["duplicate-keys"], event?.id]);
    expect(Buffer.from(record?.body ?? []).toString()).toBe(body);
  });

  it("is only flagged if the duplicate is a word or equal", async () => {
    for (const body of [`{${rest},"score":1,"score":2,${ext("1")}}`, `{${rest},${ext("1")},${ext("1")}}`]) {
      const { deps } = await deliver(body);
      expect([deps.events()[0]?.flags, deps.reasons()]).toEqual([["duplicate-keys"], []]);
    }
  });

  it("stays one event and one record after a replay", async () => {
    const { deps } = await deliver(`{${rest},${ext("10.0.0.1")},${ext("10.0.0.2")}}`);
    for (const record of [...deps.records.values()]) await replay(record, deps);
    expect([deps.events().length, deps.reasons()]).toEqual([1, ["duplicate-keys"]]);
  });
});

describe("a batch with a large duplicate value", () => {
  const body = `{"events":[${one}],"events":[${two},${JSON.stringify(realtime())}]}`;

  it("is kept once as a whole, and linked to its events", async () => {
    const { deps } = await deliver(body);
    const events = deps.events();
    expect(events.map(({ person }) => person.id).sort()).toEqual(["888001", "two"]);
    const [record] = deps.records.values();
    expect([deps.reasons(), record?.event]).toEqual([["duplicate-keys"], null]);
    expect(Buffer.from(record?.body ?? []).toString()).toBe(body);
    await deps.reads.eraser.eraseEvent(events[1]?.id ?? "");
    expect(deps.reasons()).toEqual([]);
  });

  it("is not kept if one of its events was erased", async () => {
    const deps = new MemoryPorts();
    const path = `/${deps.addKey()}/HistoryEvent`;
    await erasePerson(deps.reads.eraser, "two", "gate-1");
    await send(deps, { path, body: Buffer.from(body) });
    expect([deps.events().map(({ person }) => person.id), deps.reasons()]).toEqual([["888001"], []]);
  });

  it("stays one record after a replay", async () => {
    const { deps } = await deliver(body);
    for (const record of [...deps.records.values()]) await replay(record, deps);
    expect([deps.events().length, deps.reasons()]).toEqual([2, ["duplicate-keys"]]);
  });
});
