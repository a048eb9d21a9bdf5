import { describe, expect, it } from "vitest";
import { noon, passing } from "../../../unit/api/support.ts";
import { album } from "../../../unit/simulator/support.ts";
import { versions } from "../people/support.ts";
import { approve, ended, world } from "./world.ts";

describe.each(versions)("a stranger with the id of a person on the box, on generation %s", (generation, version) => {
  /** A person on the box has never passed, and a report names a stranger by that id. */
  async function registered(look: (own: number) => number) {
    const here = await world({ gate: version });
    const box = here.box("gate");
    const [person] = box.site.people;
    if (person === undefined) throw new Error("nobody is registered");
    const held = () => structuredClone(box.library.get(person.id));
    const before = held();
    const face = album.picture("face", look(person.look), "gate 7").toString("base64");
    const extData = { person_type: 4, recognize_face: face };
    const body = passing({ identity_id: person.id, want_action: "1001", timestamp: noon, extData });
    const { token } = await here.client.createKey("gate");
    await fetch(`${here.url}/${token}/HistoryEvent`, { method: "POST", body: JSON.stringify(body) });
    const [event] = await here.client.events("&action=1001");
    here.act();
    expect(await approve(here, event?.actions[0]?.id ?? "", { name: "Eve", type: "visitor" })).toBe(200);
    const { approval } = await ended(here, event?.actions[0]?.id ?? "");
    return { before, held, outcome: approval?.boxes[0] };
  }

  it("gets nothing of that person: not the record, and not the doors", async () => {
    const { before, held, outcome } = await registered((own) => own + 7);
    expect(outcome).toMatchObject({ state: "failed", reason: expect.stringContaining("another person under the id") });
    expect(held()).toEqual(before);
  });

  it.skipIf(generation === "A")("is registered if the box calls both faces the same", async () => {
    const { held, outcome } = await registered((own) => own);
    expect([outcome?.state, held().name]).toEqual(["done", "Eve"]);
  });
});
