import type { Box } from "@gatepost/client";
import { describe, expect, it } from "vitest";
import { inWords, needsHand, type Status, unknownActions } from "../../../packages/cli/src/health/status.ts";
import { exampleBox } from "../../support/examples.ts";

type Facts = Parameters<typeof needsHand>[0];

const well: Facts = {
  store: null,
  server: "http://127.0.0.1:9528",
  room: { usedBytes: 950, ofBytes: 1000 },
  clock: null,
  erasuresUntil: null,
  shipping: { since: "2026-11-05T04:00:00.000Z", isFailing: true, isLate: false },
  waiting: { pending: 3, announced: 2, failed: 0 },
  problems: { quarantine: 0, deadletters: 0 },
};

/** The status of a server without a problem. */
const status: Status = {
  ...well,
  publicUrl: null,
  erasing: 0,
  boxes: { reporting: 1, silent: 0, expected: 0, new: 0 },
  untold: { count: 0, isExact: true },
  subscribers: null,
  sources: null,
  tooLarge: null,
  wrongClocks: [],
  sameSerials: [],
  alternatingSerials: [],
  wrongKeys: null,
  refusedConnections: null,
  needsHand: [],
};

it("the status says that an erasure has not ended", () => {
  expect(inWords({ ...status, erasing: 1 })).toMatch(/^erasing {5}1 erasure has not ended$/m);
  for (const erasing of [0, null]) expect(inWords({ ...status, erasing })).not.toContain("erasing");
});

it("the status says of each source whether it is connected, since when, and its last message", () => {
  const [since, lastMessageAt] = ["2026-11-05T04:00:00.000Z", "2026-11-05T04:10:00.000Z"];
  const source = { name: "door", box: "gate-3", broker: "mqtt://broker", topics: ["doors/#"], key: null, fault: null };
  const away = { ...source, name: "cams", isConnected: false, since, lastMessageAt: null, fault: "it is away" };
  const text = inWords({ ...status, sources: [{ ...source, isConnected: true, since, lastMessageAt }, away] });
  expect(text).toContain(`door connected since ${since}, last message at ${lastMessageAt}`);
  expect(text).toContain(`cams not connected since ${since}, no message since the start`);
});

describe("the list of problems", () => {
  it("names the boxes that wanted an unknown action", () => {
    const flagged = (flag: string, count: number) => new Map([[flag, count]]);
    const flags = new Map([
      ["the gate", flagged("unknown-action", 2)] as const,
      ["gate-2", flagged("clock", 1)] as const,
    ]);
    expect(unknownActions(flags, Date.UTC(2026, 10, 2))).toEqual([
      "the gate wanted an unknown action 2 times in a day, as new firmware may: " +
        "`gatepost events list --flag unknown-action --box 'the gate' --from 2026-11-01T00:00:00.000Z --to 2026-11-02T00:00:00.000Z`",
    ]);
  });

  it("nothing needs attention if all is well, or unknown", () => {
    expect(needsHand(well, [exampleBox])).toEqual([]);
    const unknown = { room: null, shipping: null, problems: { quarantine: 0, deadletters: null } };
    expect(needsHand({ ...well, ...unknown }, [{ ...exampleBox, refused: null }])).toEqual([]);
  });

  it.each<[string, Partial<Facts>]>([
    ["nothing can be stored: the disk is full", { store: "the disk is full" }],
    ["no server runs on this folder: what boxes send is not received", { server: null }],
    ["the disk is nearly full", { room: { usedBytes: 951, ofBytes: 1000 } }],
    [
      "nothing that has expired is removed for a day of serving: the clock is far ahead of what it said last (NOTED): correct it if it is wrong",
      { clock: { is: "ahead", noted: "NOTED" } },
    ],
    [
      "receipts get the last known time: the clock is behind what it said last (NOTED): correct it if it is wrong",
      { clock: { is: "behind", noted: "NOTED" } },
    ],
    [
      "an erasure keeps out reports of passings up to UNTIL alone, because the clock stepped ahead: correct it if it is wrong, " +
        "else `gatepost doctor --trust-clock`, or erase again after a day",
      { erasuresUntil: "UNTIL" },
    ],
    [
      "nothing was shipped since SINCE: the log of the server says why",
      { shipping: { since: "SINCE", isFailing: true, isLate: true } },
    ],
    ["failed actions, 2: `gatepost actions list --state failed`", { waiting: { pending: 0, announced: 0, failed: 2 } }],
    ["7 in quarantine: `gatepost quarantine list`", { problems: { quarantine: 7, deadletters: 0 } }],
    ["dead letters, 4: `gatepost deadletters list`", { problems: { quarantine: 0, deadletters: 4 } }],
  ])("a problem is listed: %s", (said, facts) => {
    expect(needsHand({ ...well, ...facts }, [])).toEqual([said]);
  });

  const silence = { afterMs: 7_200_000, usualMs: 1_320_000, isOverride: false, isExpected: false };

  it.each<[string[], Partial<Box>]>([
    [["gate-1 is silent since SINCE, and usually for 22 min at most"], { state: "silent", silence }],
    [
      ["gate-1 is silent since SINCE, and usually for 2 h at most"],
      { state: "silent", silence: { ...silence, usualMs: null } },
    ],
    [[], { state: "silent", silence: { ...silence, isExpected: true } }],
    [[], { state: "new", silence }],
    [
      ["gate-1 sent reports that were too large 3 times in seven days: turn off SWITCH"],
      { refused: { "413": 3, "429": 0, turnOff: "SWITCH" } },
    ],
    [
      ["gate-1 sent reports that were too large 1 time in seven days: send fewer pictures"],
      { refused: { "413": 1, "429": 0, turnOff: null } },
    ],
    [[], { refused: { "413": 0, "429": 9, turnOff: "SWITCH" } }],
  ])("%j is listed for a box with %j", (said, box) => {
    expect(needsHand(well, [{ ...exampleBox, since: "SINCE", ...box }])).toEqual(said);
  });
});
