import { createHash } from "node:crypto";
import type { FaceEvent } from "@gatepost/protocol";
import { type Album, type Passing, picturesOf } from "@gatepost/simulator";
import { isClockSet } from "../../../packages/protocol/src/instant.ts";
import type { Ledger } from "./ledger.ts";

/** The sent reports and their fates. balance.ts says which counts must be 0. */
export interface Account {
  history: {
    sent: number;
    stored: number;
    /** Not acknowledged and not stored: a box repeats it until it is. */
    waiting: number;
    /** Acknowledged, or pushed by an SE5 whose bridge fetches what it missed, and stored nowhere. */
    lost: number;
    doubled: number;
  };
  realtime: {
    sent: number;
    stored: number;
    lostWhileDown: number;
    /** While boxes or answers had no processor in the time that a box waits. */
    lostWhileSlow: number;
    lostWhileUp: number;
    acknowledged: number;
    /** Acknowledged and not stored. */
    lostAcknowledged: number;
    doubled: number;
  };
  actions: {
    enqueued: number;
    announced: number;
    lost: number;
    notEnqueued: number;
    /** Still noted as pending, though nothing fails any more. */
    pending: number;
    repeated: number;
  };
  /** Passings at other makers' terminals, which keep each until it is answered rightly. */
  terminals: { sent: number; stored: number; waiting: number; lost: number; doubled: number };
  /** Null if the stores cannot be asked past the API. */
  stores: { events: number; notListed: number; withoutPicture: number } | null;
  /** Events that no box sent. */
  unknown: number;
}

/** The contents of the stores: ids of events, and SHA-256 of pictures. */
export interface Held {
  events: ReadonlySet<string>;
  pictures: ReadonlySet<string>;
}

export interface Found {
  /** What the API lists. */
  events: readonly FaceEvent[];
  held: Held | null;
  /** Idempotency keys that were announced, with how often each was. */
  heard: ReadonlyMap<string, number>;
  album: Album;
  /** The state, at that time, of the services that the real-time report of a passing needs. */
  stateAt(passing: Passing): "down" | "slow" | "up";
}

/** Compares sent reports with stored events. A passing is recognized by its pictures, which no other has. */
export function accountOf(ledger: Ledger, found: Found): Account {
  const { events, album } = found;
  const byFace = Map.groupBy(events, ({ pictures }) => pictures.face?.sha256 ?? "");
  const byScene = Map.groupBy(events, ({ pictures }) => pictures.scene?.sha256 ?? "");
  const passings: EventsByPicture = {
    showingFace: (passing) => byFace.get(hash(picturesOf(passing, album).face)) ?? [],
    showingScene: (passing) => byScene.get(hash(picturesOf(passing, album).scene)) ?? [],
  };
  const faces = new Set(
    ledger.reported("history", "pass-record", "live").map((passing) => hash(picturesOf(passing, album).face)),
  );
  const scenes = new Set(ledger.reported("realtime").map((passing) => hash(picturesOf(passing, album).scene)));
  const atTerminals = new Set(ledger.reported("terminal").map(({ box }) => box));
  const wasSent = ({ pictures: { face, scene } }: FaceEvent) =>
    face ? faces.has(face.sha256) : scenes.has(scene?.sha256 ?? "");
  return {
    history: historyOf(ledger, passings),
    realtime: realtimeOf(ledger, passings, found),
    actions: actionsOf(ledger, passings, found),
    terminals: terminalsOf(
      ledger,
      events.filter(({ box }) => atTerminals.has(box.id ?? "")),
    ),
    stores: found.held && storesOf(events, found.held),
    unknown: events.filter((event) => !atTerminals.has(event.box.id ?? "") && !wasSent(event)).length,
  };
}

/** The events of a passing, by its pictures. */
interface EventsByPicture {
  showingFace(passing: Passing): FaceEvent[];
  showingScene(passing: Passing): FaceEvent[];
}

function historyOf(ledger: Ledger, { showingFace }: EventsByPicture): Account["history"] {
  const sent = ledger.reported("history", "pass-record", "live");
  const owed = new Set([...ledger.acknowledged("history", "pass-record"), ...ledger.reported("live")]);
  const missing = sent.filter((passing) => showingFace(passing).length === 0);
  return {
    sent: sent.length,
    stored: sent.length - missing.length,
    waiting: missing.filter((passing) => !owed.has(passing)).length,
    lost: missing.filter((passing) => owed.has(passing)).length,
    doubled: sent.filter((passing) => showingFace(passing).length > 1).length,
  };
}

function realtimeOf(ledger: Ledger, { showingScene }: EventsByPicture, { stateAt }: Found): Account["realtime"] {
  const sent = ledger.reported("realtime");
  const reportedAtOnce = (passing: Passing) =>
    showingScene(passing).filter(({ reports }) => reports.some(({ kind }) => kind === "realtime"));
  const missing = new Set(sent.filter((passing) => reportedAtOnce(passing).length === 0));
  const lost = Map.groupBy(missing, stateAt);
  const acknowledged = ledger.acknowledged("realtime");
  return {
    sent: sent.length,
    stored: sent.length - missing.size,
    lostWhileDown: lost.get("down")?.length ?? 0,
    lostWhileSlow: lost.get("slow")?.length ?? 0,
    lostWhileUp: lost.get("up")?.length ?? 0,
    acknowledged: acknowledged.length,
    lostAcknowledged: acknowledged.filter((passing) => missing.has(passing)).length,
    // Nothing tells that the two reports of a stranger are of one passing: docs/protocol.md.
    doubled: sent.filter((passing) =>
      isStranger(passing) ? reportedAtOnce(passing).length > 1 : showingScene(passing).length > 1,
    ).length,
  };
}

const isStranger = ({ person }: Passing) => person.type === 4;

function actionsOf(ledger: Ledger, { showingFace }: EventsByPicture, { events, heard }: Found): Account["actions"] {
  const enqueued = events.flatMap(({ actions }) => actions).filter(({ state }) => state !== "withheld");
  const announced = enqueued.filter(({ id }) => heard.has(id));
  const asked = ledger.reported("history").filter(({ wantAction }) => wantAction !== "0");
  return {
    enqueued: enqueued.length,
    announced: announced.length,
    lost: enqueued.length - announced.length,
    notEnqueued: asked.filter((passing) => showingFace(passing).every(({ actions }) => actions.length === 0)).length,
    pending: enqueued.filter(({ state }) => state === "pending").length,
    repeated: [...heard.values()].filter((count) => count > 1).length,
  };
}

/**
 * A passing at a terminal is recognized by box, person and second: some of its reports have no picture. Passings of a
 * person at a terminal whose clock was never set are only counted.
 */
function terminalsOf(ledger: Ledger, events: readonly FaceEvent[]): Account["terminals"] {
  const counted = (names: readonly string[]) => Map.groupBy(names, (name) => name);
  const passings = ledger.reported("terminal");
  const sent = counted(passings.map(nameOfSent));
  const owed = counted(ledger.acknowledged("terminal").map(nameOfSent));
  const stored = counted(events.map(nameOfStored));
  const missing = [...sent].map(([name, all]) => all.length - (stored.get(name)?.length ?? 0));
  const lost = [...owed].map(([name, all]) => all.length - (stored.get(name)?.length ?? 0));
  const doubled = [...stored].map(([name, all]) => all.length - (sent.get(name)?.length ?? 0));
  const left = total(missing);
  return {
    sent: passings.length,
    stored: passings.length - left,
    waiting: left - total(lost),
    lost: total(lost),
    doubled: total(doubled),
  };
}

/** The sum of the counts above zero. */
function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + Math.max(0, count), 0);
}

function nameOfSent({ box, person, at }: Passing): string {
  return `${box} ${person.type === 4 ? "" : person.id} ${isClockSet(at) ? at : "unset"}`;
}

function nameOfStored({ box, person, flags, timestamp }: FaceEvent): string {
  return `${box.id} ${person.id ?? ""} ${flags.includes("clock") ? "unset" : timestamp}`;
}

function storesOf(events: readonly FaceEvent[], held: Held): Account["stores"] {
  const listed = new Set(events.map(({ id }) => id));
  const either = new Set([...listed, ...held.events]);
  const hasAll = ({ pictures }: FaceEvent) => Object.values(pictures).every(({ sha256 }) => held.pictures.has(sha256));
  return {
    events: held.events.size,
    notListed: [...either].filter((id) => !listed.has(id) || !held.events.has(id)).length,
    withoutPicture: events.filter((event) => !hasAll(event)).length,
  };
}

function hash(picture: Buffer | null): string {
  return createHash("sha256")
    .update(picture ?? "")
    .digest("hex");
}
