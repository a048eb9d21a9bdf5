import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../../support/http.ts";
import type { MemoryPorts } from "../../../support/memory-ports.ts";
import { expected, expectReply, inOrder, judged, samples, terminalRequest } from "../../../support/terminals.ts";
import { gateInShanghai, token } from "./gate.ts";

let deps: MemoryPorts;
beforeEach(async () => {
  deps = await gateInShanghai();
});

function deliver(name: string) {
  return send(deps, terminalRequest(name, token));
}

describe("a request of a terminal", () => {
  it.each(samples)("%s becomes its events, and is answered as it needs", async (name) => {
    const wanted = expected(name);
    expectReply(await deliver(name), wanted);
    const events = deps.events().map((event, at) => judged(event, wanted.events[at] ?? wanted.events[0] ?? {}));
    expect(inOrder(events)).toEqual(inOrder(wanted.events));
    expect(deps.reasons()).toEqual([]);
    expect(deps.notes.of("gate-1")?.life ?? null).toEqual(name === "dahua-05-keepalive" ? null : expect.anything());
    for (const word of wanted.forbidden ?? []) expect(deps.everything()).not.toContain(word);
  });

  it.each(samples)("%s is one event when it is repeated", async (name) => {
    await deliver(name);
    const before = deps.events().map(({ id }) => id);
    expectReply(await deliver(name), expected(name));
    expect(deps.events().map(({ id }) => id)).toEqual(before);
    expect(deps.written.map(({ outcome }) => outcome)).not.toContain("conflict");
  });
});

describe("a photo and the record of its passing", () => {
  const [record, photo] = ["zkteco-02-attlog", "zkteco-03-attphoto"] as const;
  it.each([[[record, photo]], [[photo, record]]])("become one event: %s", async (names) => {
    for (const name of names) await deliver(name);
    const joined = expected(photo).events[0] ?? {};
    const event = deps.events().find(({ person }) => person.id === joined.person_id);
    expect(deps.events()).toHaveLength(3);
    expect(judged(event, joined)).toEqual({ ...joined, direction: "in" });
  });
});
