import { type FaceEvent, idOf, type JsonObject } from "@gatepost/protocol";
import { type Channel, type Passing, picturesOf, Site } from "@gatepost/simulator";
import { beforeEach, describe, expect, it } from "vitest";
import { Body } from "../../../packages/receive/src/decode/body.ts";
import { recordBody } from "../../../packages/receive/src/deliver/receive.ts";
import { historyBody } from "../../../packages/simulator/src/bodies/history.ts";
import { passRecord, realtime } from "../../../packages/simulator/src/bodies/nested.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { album, ManualClock, noFaults } from "../../unit/simulator/support.ts";
import { type Account, accountOf, type Found } from "./account.ts";
import { imbalances } from "./balance.ts";
import { Ledger } from "./ledger.ts";

const clock = new ManualClock();
const siteOf = (chances: { strangers: number; actions: number }) => ({
  next(): Passing {
    clock.move(250);
    const site = new Site({ seed: 1, box: "gate-1", devices: 1, ...chances, faults: noFaults(), clock });
    return site.next();
  },
});
const known = siteOf({ strangers: 0, actions: 0 });
const unknown = siteOf({ strangers: 1, actions: 0 });
const asking = siteOf({ strangers: 0, actions: 1 });

const bodies: Partial<Record<Channel, (passing: Passing) => JsonObject>> = {
  realtime: (passing) => realtime(passing, { ...picturesOf(passing, album), face: null }),
  history: (passing) => historyBody(passing, picturesOf(passing, album), "V5R6"),
  "pass-record": (passing) => passRecord(passing, picturesOf(passing, album)),
};

const paths: Partial<Record<Channel, string>> = {
  realtime: "RealTimeEvent",
  history: "HistoryEvent",
  "pass-record": "PassRecord",
};

/** The reports of a box, all stored and acknowledged. */
class Delivered {
  readonly ledger = new Ledger();
  readonly #ports = new MemoryPorts();

  async tell(passing: Passing, ...channels: Channel[]): Promise<void> {
    this.#ports.now = clock.now();
    for (const channel of channels) {
      this.ledger.watch("sent", channel, passing);
      const body = new Body(JSON.stringify(bodies[channel]?.(passing)));
      const admission = { box: passing.box, path: [paths[channel] ?? ""] };
      await recordBody({ headers: {}, body }, admission, this.#ports, { countBytes: () => undefined });
      this.ledger.watch("accepted", channel, passing);
    }
  }

  found(events: readonly FaceEvent[] = this.#ports.events()): Found {
    const keys = this.#ports.announced.map(({ detail }) => String((detail as JsonObject)["idempotency_key"]));
    return {
      events,
      held: {
        events: new Set(events.map(({ id }) => id)),
        pictures: new Set([...this.#ports.pictureMonths.values()].flatMap((month) => [...month.keys()])),
      },
      heard: new Map(keys.map((key) => [key, 1])),
      album,
      stateAt: () => "up",
    };
  }
}

describe("the account", () => {
  let deps: Delivered;
  beforeEach(() => {
    deps = new Delivered();
  });
  const account = (changes: Partial<Found> = {}) => accountOf(deps.ledger, { ...deps.found(), ...changes });
  const wrong = (changes: Partial<Found> = {}) => imbalances(account(changes));

  it("balances if all reports are stored and announced", async () => {
    await deps.tell(known.next(), "realtime", "history");
    await deps.tell(unknown.next(), "realtime", "history");
    await deps.tell(asking.next(), "history", "history");
    await deps.tell(known.next(), "pass-record");
    expect(wrong()).toEqual({});
    expect(account()).toMatchObject({
      history: { sent: 4, stored: 4 },
      realtime: { sent: 2, stored: 2, acknowledged: 2 },
      actions: { enqueued: 1, announced: 1 },
      stores: { events: 5 },
    } satisfies { [Part in keyof Account]?: Partial<Account[Part]> });
  });

  it("sees a report that is lost", async () => {
    await deps.tell(known.next(), "history");
    await deps.tell(known.next(), "pass-record");
    expect(wrong(deps.found(deps.found().events.slice(1)))).toEqual({ "history acknowledged and lost": 1 });
  });

  it("distinguishes waiting reports from lost ones", async () => {
    await deps.tell(known.next(), "history");
    deps.ledger.watch("sent", "history", known.next());
    deps.ledger.watch("repeated", "pass-record", known.next());
    expect(account()).toMatchObject({ history: { sent: 3, stored: 1, waiting: 2, lost: 0 } });
    expect(wrong()).toEqual({ "history that still waits": 2 });
  });

  it("counts a push of an SE5 as lost if no backfill has it", () => {
    deps.ledger.watch("lost", "live", known.next());
    expect(wrong()).toEqual({ "history acknowledged and lost": 1 });
  });

  it("sees a passing that is stored twice", async () => {
    await deps.tell(known.next(), "history");
    const twice = deps.found().events.flatMap((event) => [event, { ...event, id: idOf("evt", ["another"]) }]);
    expect(wrong(deps.found(twice))).toEqual({ "history doubled": 1 });
  });

  it("sees real-time and history reports of one passing in two events", async () => {
    await deps.tell(known.next(), "realtime", "history");
    const apart = deps.found().events.flatMap((event) => {
      const { face: _, ...pictures } = event.pictures;
      const [early, late] = ["realtime", "history"].map((one) => event.reports.filter(({ kind }) => kind === one));
      return [
        { ...event, reports: late ?? [] },
        { ...event, reports: early ?? [], pictures, id: idOf("evt", ["another"]) },
      ];
    });
    expect(wrong(deps.found(apart))).toEqual({ "real-time doubled": 1 });
  });

  it("sees an action that is not announced, not enqueued, or left pending", async () => {
    await deps.tell(asking.next(), "history");
    const changed = (actions: (enqueued: FaceEvent["actions"]) => FaceEvent["actions"]) =>
      wrong({ events: deps.found().events.map((event) => ({ ...event, actions: actions(event.actions) })) });
    expect(wrong({ heard: new Map() })).toEqual({ "actions lost": 1 });
    expect(changed(() => [])).toEqual({ "actions not enqueued": 1 });
    expect(changed(([enqueued]) => (enqueued ? [{ ...enqueued, state: "pending" }] : []))).toEqual({
      "actions left pending": 1,
    });
  });

  it("counts lost real-time reports by the state of the service", async () => {
    deps.ledger.watch("lost", "realtime", known.next());
    expect(account().realtime).toMatchObject({ lostWhileUp: 1, lostWhileSlow: 0, lostWhileDown: 0 });
    expect(account({ stateAt: () => "slow" }).realtime).toMatchObject({ lostWhileUp: 0, lostWhileSlow: 1 });
    expect(account({ stateAt: () => "down" }).realtime).toMatchObject({ lostWhileUp: 0, lostWhileDown: 1 });
    expect(wrong()).toEqual({});
  });

  it("excuses no loss of an acknowledged report", async () => {
    deps.ledger.watch("accepted", "realtime", known.next());
    expect(wrong({ stateAt: () => "down" })).toEqual({ "real-time acknowledged and lost": 1 });
  });

  describe("a terminal", () => {
    const at = (seconds: number) => Date.UTC(2026, 2, 1) + seconds * 1000;
    const passing = (changes: Partial<Passing> = {}) => ({ ...known.next(), box: "door", at: at(0), ...changes });
    const stored = ({ box, person, at: time }: Passing, flags: string[] = []) =>
      ({
        box: { id: box },
        person: { id: person.id },
        flags,
        timestamp: time,
        pictures: {},
        actions: [],
        reports: [],
      }) as unknown as FaceEvent;

    it("balances if each passing is stored once, also with a clock that was never set", () => {
      const [one, other] = [passing(), passing({ at: Date.UTC(2003) })];
      for (const each of [one, other]) deps.ledger.watch("accepted", "terminal", each);
      const events = [stored(one), stored({ ...other, at: at(9) }, ["clock"])];
      expect(wrong({ events, held: null })).toEqual({});
      expect(account({ events }).terminals).toMatchObject({ sent: 2, stored: 2 });
    });

    it("has a passing that is lost, still waits, is doubled, or was never sent", () => {
      const [lost, waiting] = [passing(), passing({ at: at(1) })];
      deps.ledger.watch("accepted", "terminal", lost);
      deps.ledger.watch("sent", "terminal", waiting);
      expect(wrong({ events: [] })).toEqual({
        "passings at terminals acknowledged and lost": 1,
        "passings at terminals that still wait": 1,
      });
      const events = [lost, lost, waiting, passing({ at: at(2) })].map((each) => stored(each));
      expect(wrong({ events, held: null })).toEqual({ "passings at terminals doubled": 2 });
    });
  });

  it("sees that table, bucket and API differ", async () => {
    await deps.tell(known.next(), "history");
    const { events, held } = deps.found();
    const pictures = new Set<string>();
    expect(wrong({ events, held: { events: new Set(), pictures: held?.pictures ?? pictures } })).toEqual({
      "events that the API does not list as the table holds them": 1,
    });
    expect(wrong({ events, held: { events: held?.events ?? pictures, pictures } })).toEqual({
      "events without a picture of theirs": 1,
    });
  });

  it("sees an event that no box sent", async () => {
    await deps.tell(known.next(), "history");
    const { events } = deps.found();
    expect(imbalances(accountOf(new Ledger(), { ...deps.found(), events }))).toEqual({ "events that nobody sent": 1 });
  });
});
