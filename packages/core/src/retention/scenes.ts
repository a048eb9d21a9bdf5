import {
  dayMs,
  expiredFlag,
  flaggedPicture,
  type Passing,
  type PictureFacts,
  type Report,
  type StoredEvent,
} from "@gatepost/protocol";
import type { ActionReader } from "../actions/ports.ts";
import type { ChangeFeed, EventReader } from "../events/reader.ts";

/*
 * A deployment may keep scenes for fewer days than events: they are most of the bytes, and show bystanders. A scene ends
 * by the first receipt of its event. It is then hidden from every reader at once, and its bytes are removed later.
 */

/** The days of scenes, and the time by which they end. */
export interface SceneRetention {
  /** Null if scenes are kept as their events. */
  sceneDays(): number | null;
  /** ms since 1970. */
  clock(): number;
  /** The time that counts as the receipt, if the clock was behind then; never an earlier one. */
  countedFrom?(receivedAt: number): number;
}

/** The name of the place for the scenes of a month, in a store that removes them before the other pictures. */
export function scenesIn(month: string): string {
  return `${month}-scenes`;
}

/** A passing whose scene names its days, so that it ends after these, also if more are set later. */
export function withKeptDays(passing: Passing, sceneDays: number | null): Passing {
  const { report, pictures } = passing;
  const [facts, picture] = [report.pictures?.scene, pictures.get("scene")];
  if (sceneDays === null || facts === undefined || picture === undefined) return passing;
  return {
    ...passing,
    report: { ...report, pictures: { ...report.pictures, scene: { ...facts, keptDays: sceneDays } } },
    pictures: new Map([...pictures, ["scene", { ...picture, keptDays: sceneDays }]]),
  };
}

/** An event as readers get it: without scenes that have ended. It has a flag for them. */
export function withoutEndedScenes(event: StoredEvent, rule: SceneRetention): StoredEvent {
  const reports = reportsWithKeptScenes(event.reports, rule);
  return reports === event.reports ? event : { ...event, reports };
}

/** The same of the reports of an event; these themselves if no scene has ended. */
export function reportsWithKeptScenes(reports: readonly Report[], rule: SceneRetention): readonly Report[] {
  const scenes = reports.flatMap(({ pictures }) => pictures?.scene ?? []);
  if (scenes.length === 0) return reports;
  const [set, now] = [rule.sceneDays(), rule.clock()];
  const isEnded = ({ keptDays }: PictureFacts, received: number) =>
    now >= received + Math.min(...[set, keptDays].map((days) => days ?? Number.POSITIVE_INFINITY)) * dayMs;
  const first = Math.min(...reports.map(({ receivedAt }) => receivedAt));
  if (!scenes.some((scene) => isEnded(scene, first))) return reports;
  const received = rule.countedFrom?.(first) ?? first;
  return reports.map((report) => {
    const { scene, ...pictures } = report.pictures ?? {};
    if (scene === undefined || !isEnded(scene, received)) return report;
    const others = (report.flags ?? []).filter((flag) => flaggedPicture(flag) !== "scene");
    return { ...report, pictures, flags: [...others, expiredFlag("scene")] };
  });
}

/** The reader of events, without scenes that have ended. */
export function eventsWithKeptScenes(events: EventReader, rule: SceneRetention): EventReader {
  const kept = (event: StoredEvent) => withoutEndedScenes(event, rule);
  return {
    async list(filter, page) {
      const { items, ...rest } = await events.list(filter, page);
      return { ...rest, items: items.map(kept) };
    },
    count: (filter, max) => events.count(filter, max),
    neighbours: (event, filter) => events.neighbours(event, filter),
    async get(id) {
      const event = await events.get(id);
      return event && kept(event);
    },
    async getAll(ids) {
      const found = await events.getAll(ids);
      return new Map([...found].map(([id, event]) => [id, kept(event)]));
    },
  };
}

/** The same of the reader of actions: the photo of an action may be a scene. */
export function actionsWithKeptScenes(actions: ActionReader, rule: SceneRetention): ActionReader {
  return {
    list: (filter, page) => actions.list(filter, page),
    get: (id) => actions.get(id),
    async eventOf(id) {
      const event = await actions.eventOf(id);
      return event && withoutEndedScenes(event, rule);
    },
    ofEvent: (id) => actions.ofEvent(id),
  };
}

/** The same of a feed of changes. A scene that ends is no change. */
export function changesWithKeptScenes(feed: Pick<ChangeFeed, "read">, rule: SceneRetention): Pick<ChangeFeed, "read"> {
  return {
    async read(...asked) {
      const { items, ...rest } = await feed.read(...asked);
      return { ...rest, items: items.map((change) => ({ ...change, event: withoutEndedScenes(change.event, rule) })) };
    },
  };
}
