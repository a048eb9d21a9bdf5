import type { Event } from "@gatepost/client";
import { describe, expect, it } from "vitest";
import { groupStanding, onePerPassing } from "../../../packages/console/src/state/live/standing-groups.ts";
import { passing } from "./support.ts";

const withFace = (event: Event) => ({ ...event, pictures: { face: {} } }) as Event;
const atBox = (event: Event, id: string) => ({ ...event, box: { ...event.box, id } }) as Event;
const rowsOf = (events: readonly Event[], libraryOf = (box: string) => box) =>
  groupStanding(events, libraryOf).map(({ kind, latest, events: of }) => [kind, latest.id, of.length]);

const stranger = { type: "stranger", id: null } as const;
const banned = { type: "blacklist", id: "7" } as const;
const [report, history] = [passing("report", stranger, 9), withFace(passing("history", stranger, 9))];

describe("the rows of who stands out", () => {
  it("join the passings of a known person at one box", () => {
    const twice = [passing("late", banned, 20), passing("early", banned, 1)];
    expect(rowsOf([...twice, passing("other", { ...banned, id: "8" })])).toEqual([
      ["blacklist", "late", 2],
      ["blacklist", "other", 1],
    ]);
  });

  it("join a person of two boxes only if these share their people", () => {
    const twice = [passing("here", banned, 20), atBox(passing("there", banned, 1), "gate-2")];
    expect(rowsOf(twice)).toHaveLength(2);
    expect(rowsOf(twice, () => "~hq")).toEqual([["blacklist", "here", 2]]);
  });

  it("never join persons without an id", () => {
    const nameless = { ...banned, id: null };
    expect(rowsOf([passing("a", nameless, 2), passing("b", nameless, 1)])).toHaveLength(2);
  });

  it("join two reports of one stranger, and show the one with a face", () => {
    expect(rowsOf([report, history])).toEqual([["stranger", "history", 2]]);
    expect(rowsOf([history, report])).toEqual([["stranger", "history", 2]]);
  });

  it("keep strangers of one moment apart if both have a face", () => {
    const second = withFace(passing("second", stranger, 9));
    expect(rowsOf([history, second])).toHaveLength(2);
    expect(rowsOf([report, history, second]).map(([, id]) => id)).toEqual(["history", "second"]);
  });
});

it("A stranger's two reports are one passing, known persons are never joined", () => {
  const known = [passing("a", { type: "employee" }, 5), withFace(passing("b", { type: "employee" }, 5))];
  expect(onePerPassing([report, ...known, history]).map(({ id }) => id)).toEqual(["history", "a", "b"]);
});
