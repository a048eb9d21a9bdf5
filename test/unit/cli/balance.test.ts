import { reportDigest } from "@gatepost/core/imports";
import type { Report } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { balance } from "../../../packages/cli/src/imports/balance.ts";
import type { HeldRecord } from "../../../packages/cli/src/imports/target.ts";
import { day, noon, report } from "../../contract/samples.ts";

type State = "pending" | "announced" | "done";

interface Here {
  reports: Report[];
  /** The state of the action to register a stranger; null if none was asked for. */
  state: State | null;
}

/** Two stores that have the same event, but for what `here` and `there` change; null: it is not there any more. */
async function compare({ here, there = {} }: { here?: Partial<Here> | null; there?: Partial<HeldRecord> | null }) {
  const { reports, state }: Here = { reports: [report()], state: "announced", ...here };
  const event = {
    id: "evt_a",
    box: "gate-1",
    isSecondFace: false,
    expiresAt: noon + 30 * day + 400,
    reports: reports.map((one) => ({ fingerprint: "face-a", report: one })),
    actions:
      state === null ? [] : [{ wantAction: "1001" as const, state, reason: null, at: noon, isTold: true, history: [] }],
  };
  const held: HeldRecord = {
    id: "evt_a",
    expiresAt: noon + 30 * day + 1000,
    missing: 0,
    reports: { history: reportDigest(report()) },
    received: { history: noon },
    actions: { "1001": "announced" },
    ...there,
  };
  const found = await balance({
    source: {
      ids: () => ["evt_a"],
      event: () => (here === null ? null : { revision: 1, event, isPending: state === "pending" }),
    },
    target: { bring: async () => ({ taken: [], held: there === null ? [] : [held] }) },
    clock: () => noon,
  });
  expect(found).toMatchObject({ events: 1, wrong: found.faults.length });
  return found.faults.map(({ fault }) => fault);
}

const lost = report({ flags: ["picture-lost:face"] });
const both = [report(), report({ kind: "realtime" })];

it.each([
  ["the same event", {}, []],
  ["no event", { there: null }, ["missing"]],
  ["no event, which is gone here by now", { here: null, there: null }, []],
  ["another report", { there: { reports: { history: "other" } } }, ["report"]],
  ["one report of two", { here: { reports: both } }, ["report"]],
  ["a report more", { there: { reports: { history: reportDigest(report()), realtime: "more" } } }, []],
  ["a report without a picture that is lost here", { here: { reports: [lost] } }, []],
  ["no picture", { there: { missing: 1 } }, ["pictures"]],
  [
    "no picture of a report whose other one is lost",
    { here: { reports: [lost] }, there: { missing: 1 } },
    ["pictures"],
  ],
  ["an earlier receipt", { there: { received: { history: noon - 1 } } }, ["receipt"]],
  ["no receipt", { there: { received: {} } }, ["receipt"]],
  ["a later receipt, by which it expires", { there: { received: { history: noon + 1 }, expiresAt: noon } }, []],
  ["an expiry a second later", { there: { expiresAt: noon + 30 * day + 1001 } }, ["expiry"]],
  ["an expiry a second earlier", { there: { expiresAt: noon + 30 * day } }, ["expiry"]],
  ["an action in another state", { there: { actions: { "1001": "pending" } } }, ["action"]],
  ["no action", { there: { actions: {} } }, ["action"]],
  ["no action, though one waits here", { here: { state: "pending" }, there: { actions: {} } }, ["action"]],
  ["an action that was announced there", { here: { state: "pending" } }, []],
  ["an action that nobody asked for here", { here: { state: null } }, []],
] satisfies [string, Parameters<typeof compare>[0], string[]][])(
  "the comparison reports a store with %s",
  async (_, stores, faults) => {
    expect(await compare(stores)).toEqual(faults);
  },
);

it("all events are compared, a hundred per request, and a hundred faults are listed", async () => {
  const ids = Array.from({ length: 250 }, (_, n) => `evt_${n}`);
  const asked: number[] = [];
  const found = await balance({
    source: {
      ids: () => ids,
      event: (id) => ({
        revision: 1,
        isPending: false,
        event: { id, box: "gate-1", isSecondFace: false, expiresAt: noon, reports: [], actions: [] },
      }),
    },
    target: {
      bring: async (body) => {
        asked.push("compare" in body && Array.isArray(body.compare) ? body.compare.length : 0);
        return { taken: [], held: [] };
      },
    },
    clock: () => noon,
  });
  expect([asked, found.events, found.wrong, found.faults.length]).toEqual([[100, 100, 50], 250, 250, 100]);
});
