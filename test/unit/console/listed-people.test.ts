import { describe, expect, it } from "vitest";
import { openPage } from "./support.ts";

/** The module as a page has it. */
async function listed() {
  await openPage(() => 503);
  return import("../../../packages/console/src/state/people/listed.ts");
}

const now = Date.UTC(2026, 10, 20, 8, 41);
const last = { event: "evt_1", at: "2026-11-20T08:00:00.000Z", device: null };

describe("the remark about a person", () => {
  it.each([
    ["a wish for a new photo first", { asked: "1002", score: 40, last }, { is: "asked" }],
    ["a poor match", { asked: null, score: 59.9, last }, { is: "match", below: 60 }],
    [
      "a long absence",
      { asked: null, score: 90, last: { ...last, at: "2026-11-01T08:00:00.000Z" } },
      { is: "away", days: 19 },
    ],
    ["nothing of a usual person", { asked: null, score: null, last }, null],
  ])("is %s", async (_, person, remark) => {
    const { remarkOf } = await listed();
    expect(remarkOf(person, now)).toEqual(remark);
  });
});

describe("the last passing of a person", () => {
  const person = { id: "42", library: "~hq", last };

  it("has the pictures that the list links to", async () => {
    const { lastPassing } = await listed();
    const href = { registered: "/v1/events/evt_1/pictures/registered", face: "/v1/events/evt_1/pictures/scene" };
    expect(lastPassing({ ...person, href })).toMatchObject({ id: "evt_1", person: { id: "42" }, box: { id: "~hq" } });
    expect(Object.keys(lastPassing({ ...person, href }).pictures)).toEqual(["registered", "scene"]);
  });

  it("has no pictures without links", async () => {
    const { lastPassing } = await listed();
    expect(lastPassing({ ...person, href: { registered: null, face: null } }).pictures).toEqual({});
  });
});
