import { isObject, type JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { eventFixtures, fixture, routeOf } from "../../support/fixtures.ts";
import { understood } from "../../support/reports.ts";
import ids from "./event-ids.json" with { type: "json" };

/*
 * Stored events are found by their ids, and every runtime must compute the same ones. A change here doubles the events
 * whose reports are repeated after an upgrade.
 */

const faces = ["recognize_face", "recognize_face_image", "crossFacePhoto"];
const scenes = ["spot_pic", "spot_image", "crossSrcPhoto"];

/** A body without some members, at its root and one level deeper. */
function without(names: readonly string[], body: JsonObject): JsonObject {
  const kept = Object.entries(body).filter(([name]) => !names.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isObject(value) && name !== "identity_info" ? without(names, value) : value]),
  );
}

/** A body of a box whose clock was never set. */
function unset(body: JsonObject): JsonObject {
  return { ...body, ...("crossTime" in body ? { crossTime: 1000 } : { timestamp: 1000 }) };
}

const idsOf = (dialect: string, body: JsonObject) => {
  const { eventId, twinId, earlier } = understood(body, { box: "gate-1", route: routeOf(dialect) });
  return `${eventId} ${earlier?.twinId ?? twinId}`;
};

const forms: Record<string, (body: JsonObject) => JsonObject> = {
  "with an unset clock": unset,
  "without a face": (body) => without(faces, body),
  "without a picture": (body) => without([...faces, ...scenes], body),
  "with an unset clock and without a picture": (body) => unset(without([...faces, ...scenes], body)),
};

const strangers = eventFixtures().filter(
  ([dialect, name]) => name === (dialect === "root-facts" ? "minimal" : "stranger"),
);

/** The id of the event of each body, and the id of its twin; without a face, of the twin that older builds made. */
const pinned: Record<string, string> = ids.pinned;

/** The ids of the twins of known people without a face. */
const twinsOfFacts: Record<string, string> = ids.twinsOfFacts;

describe("the ids of events never change", () => {
  it.each(eventFixtures())("dialect %s, body %s: the twin by its facts", (dialect, name) => {
    const { twinId, earlier } = understood(fixture(dialect, name), { box: "gate-1", route: routeOf(dialect) });
    expect(earlier && twinId).toBe(twinsOfFacts[`${dialect} ${name}`]);
  });

  it.each(eventFixtures())("dialect %s, body %s", (dialect, name) => {
    expect(idsOf(dialect, fixture(dialect, name))).toBe(pinned[`${dialect} ${name}`]);
  });

  describe.each(Object.keys(forms))("a stranger %s", (form) => {
    it.each(strangers)("dialect %s", (dialect, name) => {
      const body = forms[form]?.(fixture(dialect, name)) ?? {};
      expect(idsOf(dialect, body)).toBe(pinned[`${dialect} ${form}`]);
    });
  });
});
