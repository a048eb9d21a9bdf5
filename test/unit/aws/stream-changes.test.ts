import { rollChangedIn } from "@gatepost/core/rolls";
import { notedIn } from "@gatepost/core/seen";
import { describe, expect, it } from "vitest";
import { changesIn, markChangedIn, newlyErased } from "../../../packages/aws/src/live/stream.ts";

type Row = Record<string, { S: string } | { N: string }>;

/** The one change in a record of the table's stream. */
function changeOf({ before, after, by }: { before?: Row; after?: Row; by?: string }) {
  const identity = by === undefined ? {} : { userIdentity: { type: "Service", principalId: by } };
  const dynamodb = { ...(before && { OldImage: before }), ...(after && { NewImage: after }) };
  const [change] = changesIn({ Records: [{ ...identity, dynamodb }] });
  return change ?? expect.fail("there was no change");
}

const told = { eventId: "evt_a", box: "gate-1" };

describe("a change of the table tells that an event was acknowledged", () => {
  const row = (seenAt: string, ttl = "100"): Row => ({
    ...{ pk: { S: "seen evt_a" }, box: { S: "gate-1" }, ack: { S: "ack_1" }, reason: { S: "known" } },
    ...{ seenAt: { N: seenAt }, ttl: { N: ttl } },
  });
  const marked = { ...told, acknowledgement: "ack_1", mark: { at: 1, reason: "known" } };

  it("if it was not before", () => {
    expect(markChangedIn(changeOf({ after: row("1") }))).toMatchObject(marked);
    expect(markChangedIn(changeOf({ before: row("1"), after: row("1", "200") }))).toBeNull();
    expect(markChangedIn(changeOf({ after: { pk: { S: "evt_a" }, seenAt: { N: "1" } } }))).toBeNull();
  });

  it("if its mark expired and returned", () => {
    expect(markChangedIn(changeOf({ before: row("1"), after: row("2") }))).toMatchObject({ ...told, mark: { at: 2 } });
  });

  it("and that this was taken back, but not that it expired", () => {
    expect(markChangedIn(changeOf({ before: row("1") }))).toEqual({ ...told, acknowledgement: "ack_1", mark: null });
    expect(markChangedIn(changeOf({ before: row("1"), by: "dynamodb.amazonaws.com" }))).toBeNull();
  });
});

describe("a change of the table tells that an event got a note", () => {
  const row = (rev: string, ttl = "100"): Row => ({
    ...{ pk: { S: "notes evt_a" }, box: { S: "gate-1" }, rev: { N: rev }, ttl: { N: ttl }, notes: { S: "[]" } },
  });
  const noted = (rows: { before?: Row; after?: Row }) => {
    const { before, after } = changeOf(rows);
    return notedIn(before, after);
  };

  it("if it is the first, or another one", () => {
    expect(noted({ after: row("1") })).toEqual(told);
    expect(noted({ before: row("1"), after: row("2") })).toEqual(told);
  });

  it("but not if its notes expire later, or are gone", () => {
    expect(noted({ before: row("1"), after: row("1", "200") })).toBeNull();
    expect(noted({ before: row("1") })).toBeNull();
    expect(noted({ after: { ...row("1"), pk: { S: "evt_a" } } })).toBeNull();
  });
});

describe("a change of the table tells that an evacuation list has changed", () => {
  const changed = (rows: { before?: Row; after?: Row }) => {
    const { before, after } = changeOf(rows);
    return rollChangedIn(before, after);
  };
  const person: Row = { pk: { S: "roll-person per_1" }, roll: { S: "rol_1" } };
  const ticked: Row = { ...person, tick: { S: "tic_1" } };

  it("if a person was ticked", () => {
    expect(changed({ before: person, after: ticked })).toEqual({ roll: "rol_1" });
    expect(changed({ after: ticked })).toEqual({ roll: "rol_1" });
    expect(changed({ before: ticked, after: ticked })).toBeNull();
    expect(changed({ after: person })).toBeNull();
  });

  it("if it was closed", () => {
    const roll: Row = { pk: { S: "rol_1" }, site: { S: "hq" } };
    expect(changed({ before: roll, after: { ...roll, closedAt: { N: "1" } } })).toEqual({ roll: "rol_1" });
    expect(changed({ after: roll })).toBeNull();
    expect(changed({ before: roll })).toBeNull();
  });
});

describe("a change of the table tells that an event was erased", () => {
  const event: Row = { pk: { S: "evt_a" }, box: { S: "gate-1" } };

  it("if its row is gone", () => {
    expect(newlyErased(changeOf({ before: event }))).toEqual(told);
    expect(newlyErased(changeOf({ after: event }))).toBeNull();
    expect(newlyErased(changeOf({ before: event, after: event }))).toBeNull();
    expect(newlyErased(changeOf({ before: { pk: { S: "seen evt_a" }, box: { S: "gate-1" } } }))).toBeNull();
  });

  it("and stops nothing if the row was broken", () => {
    expect(newlyErased(changeOf({ before: { pk: { S: "evt_a" } } }))).toBeNull();
    expect(newlyErased(changeOf({ before: { ...event, box: { N: "7" } } }))).toBeNull();
  });

  it("but not if DynamoDB removed it after its time", () => {
    expect(newlyErased(changeOf({ before: event, by: "dynamodb.amazonaws.com" }))).toBeNull();
  });
});
