import { createHash } from "node:crypto";
import type { FaceEvent } from "@gatepost/protocol";
import type { Album, Channel } from "@gatepost/simulator";
import { type Passing, picturesOf } from "@gatepost/simulator";
import type { SoakBox, Subscriber } from "./world.ts";

/** What was sent, and what became of it. All but the first two and the last of each kind must be 0. */
export interface Account {
  history: { sent: number; stored: number; lost: number; doubled: number };
  realtime: { sent: number; stored: number; lostWhileDown: number; lostWhileUp: number };
  actions: { armed: number; announced: number; lost: number; notArmed: number; repeated: number };
  /** Events that nobody sent. */
  unknown: number;
}

/** Every passing that some box told of, by the channel. */
export class Ledger {
  readonly told = new Map<Channel, Set<Passing>>();

  readonly watch = (_fate: string, channel: Channel, passing: Passing): void => {
    const known = this.told.get(channel) ?? new Set();
    known.add(passing);
    this.told.set(channel, known);
  };

  of(...channels: Channel[]): Passing[] {
    return channels.flatMap((channel) => [...(this.told.get(channel) ?? [])]);
  }
}

/** Holds what was sent against what is stored: a passing is known again by its pictures, which no other has. */
export function accountOf(
  ledger: Ledger,
  {
    events,
    boxes,
    album,
    subscriber,
  }: { events: readonly FaceEvent[]; boxes: readonly SoakBox[]; album: Album; subscriber: Subscriber },
): Account {
  const byFace = Map.groupBy(events, ({ pictures }) => pictures.face?.sha256);
  const toldAtOnce = events.filter(({ reports }) => reports.some(({ kind }) => kind === "realtime"));
  const byScene = Map.groupBy(toldAtOnce, ({ pictures }) => pictures.scene?.sha256);
  const copies = (passing: Passing) => byFace.get(hash(picturesOf(passing, album).face)) ?? [];
  const told = ledger.of("history", "pass-record", "live");
  const realtime = ledger.of("realtime");
  const missing = realtime.filter((passing) => !byScene.has(hash(picturesOf(passing, album).scene)));
  const outages = new Map(boxes.map(({ name, through }) => [name, through]));
  const wasDown = ({ box, at }: Passing) => (outages.get(box) ?? []).some((outage) => outage.cover(at));
  const faces = new Set(told.map((passing) => hash(picturesOf(passing, album).face)));
  const scenes = new Set(realtime.map((passing) => hash(picturesOf(passing, album).scene)));
  return {
    history: {
      sent: told.length,
      stored: told.filter((passing) => copies(passing).length > 0).length,
      lost: told.filter((passing) => copies(passing).length === 0).length,
      doubled: told.filter((passing) => copies(passing).length > 1).length,
    },
    realtime: {
      sent: realtime.length,
      stored: realtime.length - missing.length,
      lostWhileDown: missing.filter(wasDown).length,
      lostWhileUp: missing.filter((passing) => !wasDown(passing)).length,
    },
    actions: actionsOf(ledger, { events, copies, subscriber }),
    unknown: events.filter(
      ({ pictures: { face, scene } }) => !(face ? faces.has(face.sha256) : scenes.has(scene?.sha256 ?? "")),
    ).length,
  };
}

function actionsOf(
  ledger: Ledger,
  {
    events,
    copies,
    subscriber,
  }: { events: readonly FaceEvent[]; copies(passing: Passing): FaceEvent[]; subscriber: Subscriber },
): Account["actions"] {
  const armed = events.flatMap(({ actions }) => actions).filter(({ state }) => state !== "withheld");
  const heard = armed.filter(({ id }) => subscriber.heard.has(id));
  const asked = ledger.of("history").filter(({ wantAction }) => wantAction !== "0");
  return {
    armed: armed.length,
    announced: heard.length,
    lost: armed.length - heard.length,
    notArmed: asked.filter((passing) => copies(passing).every(({ actions }) => actions.length === 0)).length,
    repeated: [...subscriber.heard.values()].filter((count) => count > 1).length,
  };
}

function hash(picture: Buffer | null): string {
  return createHash("sha256")
    .update(picture ?? "")
    .digest("hex");
}

/** The account as a table of Markdown. */
export function asTable({ history, realtime, actions, unknown }: Account): string {
  const rows = [
    ["history, pass records, pushes", "sent", "stored", "lost", "doubled"],
    ["", history.sent, history.stored, history.lost, history.doubled],
    ["real-time", "sent", "stored", "lost while the server was down", "lost while it was up"],
    ["", realtime.sent, realtime.stored, realtime.lostWhileDown, realtime.lostWhileUp],
    ["actions", "armed", "announced", "lost", "not armed"],
    ["", actions.armed, actions.announced, actions.lost, actions.notArmed],
    ["other", "announced more than once", "events that nobody sent", "", ""],
    ["", actions.repeated, unknown, "", ""],
  ];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
