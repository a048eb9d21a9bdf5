import { hash } from "node:crypto";
import { alertLinkMs, pictureLink, type Signing } from "@gatepost/core/pictures";
import type { PushKind, Subscription } from "@gatepost/core/push";
import { announcedPhoto, type FaceEvent, omitAbsent } from "@gatepost/protocol";
import { firstShown, printable } from "../message/safe.ts";
import type { Subject } from "../message/subject.ts";
import { maxContentBytes } from "./encrypt.ts";

/** The content of a notification, as the service worker of the console reads it. */
export interface PushContent {
  title: string;
  body: string;
  /** The target of a press on it: the part of the console's address from `#` on. */
  address: string;
  /** A later notification with the same tag takes its place. */
  tag: string;
  /** The address of a picture, from `/` on; only if it may be on a locked screen. */
  image?: string;
  /** When it happened, ms since 1970. */
  at: number;
  /** Whether the icon shows how many notifications wait. */
  badge: boolean;
  withdraw: false;
}

/** Takes notifications away whose events were acknowledged elsewhere. */
export interface Withdrawal {
  tags: readonly string[];
  badge: boolean;
  withdraw: true;
}

interface Words {
  blacklist: string;
  stranger: string;
  silent: string;
  recovered: string;
  evacuation: string;
  drill: string;
  nowhere: string;
  test: string;
  testBody: string;
  more(count: number): string;
}

const words: Record<Subscription["language"], Words> = {
  en: {
    blacklist: "Blacklist",
    stranger: "Stranger",
    silent: "Box silent",
    recovered: "Box heard again",
    evacuation: "Evacuation",
    drill: "Evacuation drill",
    nowhere: "unknown device",
    test: "Gatepost test",
    testBody: "Notifications reach this browser.",
    more: (count) => `and ${count} more`,
  },
  zh: {
    blacklist: "黑名单",
    stranger: "陌生人",
    silent: "盒子失联",
    recovered: "盒子已恢复",
    evacuation: "疏散",
    drill: "疏散演练",
    nowhere: "未知设备",
    test: "Gatepost 测试",
    testBody: "此浏览器可以收到通知。",
    more: (count) => `另有 ${count} 条`,
  },
};

/** The kind of notification that a subject gives; null if it gives none. An evacuation is told to all who may see it. */
export function kindOf({ about, personType }: Subject): Exclude<PushKind, "rules"> | "evacuation" | null {
  if (about === "evacuation" || about === "drill") return "evacuation";
  if (about === "silent" || about === "recovered") return "silence";
  if (about !== "passing") return null;
  if (personType === "blacklist") return "blacklist";
  return personType === "stranger" ? "strangers" : null;
}

/**
 * The tag of an event. The two reports of one stranger are two events with one tag, as the console draws them at one
 * place.
 */
function tagOf({ id, box, device, timestamp, person }: FaceEvent): string {
  if (person.type !== "stranger") return id;
  const passing = JSON.stringify([box.id, device.id ?? device.endpoint ?? device.ip, timestamp]);
  return `stranger ${hash("sha256", passing).slice(0, 24)}`;
}

interface Context {
  subscription: Pick<Subscription, "language" | "locked" | "badge">;
  /** How many were left out before it. */
  leftOut: number;
  signing: Signing;
}

/** The content for one browser. Without `locked` it contains no name and no face. */
export function contentOf(subject: Subject, { subscription, leftOut, signing }: Context): PushContent {
  const { language, locked, badge } = subscription;
  const said = words[language];
  const { event, box, at, roll } = subject;
  const more = leftOut === 0 ? "" : ` · ${said.more(leftOut)}`;
  const shared = { badge, at: Date.parse(at), withdraw: false } as const;
  if (roll !== undefined) {
    const title = subject.about === "drill" ? said.drill : said.evacuation;
    return fitting({ title, body: `${printable(box)}${more}`, address: `#/inside/roll/${roll}`, tag: roll, ...shared });
  }
  if (event === null) {
    const device = subject.device === null ? "" : ` · ${printable(subject.device)}`;
    const title = subject.about === "recovered" ? said.recovered : said.silent;
    const address = `#/boxes/${encodeURIComponent(box)}`;
    return fitting({ title, body: `${printable(box)}${device}${more}`, address, tag: `box ${box}`, ...shared });
  }
  const kind = event.person.type === "blacklist" ? said.blacklist : said.stranger;
  const name = locked ? firstShown(event.person.name, subject.person) : null;
  const image = locked ? imageOf(subject, signing) : null;
  return fitting({
    title: name === null ? kind : `${kind}: ${printable(name)}`,
    body: `${placeOf(event, said.nowhere)}${more}`,
    address: `#/events/${event.id}`,
    tag: tagOf(event),
    ...omitAbsent({ image }),
    ...shared,
  });
}

/** A device by its display name, else as the box names it. */
function placeOf({ device, box }: FaceEvent, nowhere: string): string {
  const place = firstShown(device.label, device.name, device.id, device.endpoint, device.ip);
  return `${printable(place ?? nowhere)} · ${printable(box.name ?? box.id)}`;
}

function imageOf({ event, stored }: Subject, signing: Signing): string | null {
  const photo = event === null || stored === null ? null : announcedPhoto(stored);
  if (event === null || photo === null) return null;
  const linked = { id: event.id, kind: photo.kind, sha256: photo.sha256 };
  return pictureLink(linked, { ...signing, validMs: alertLinkMs }).url;
}

/** The content of a test. */
export function testContent({ language, badge }: Pick<Subscription, "language" | "badge">, now: number): PushContent {
  const { test: title, testBody: body } = words[language];
  return { title, body, address: "#/settings/browser", tag: "test", badge, at: now, withdraw: false };
}

/** Ids of boxes may be long: then the rest is shorter. */
function fitting(content: PushContent): PushContent {
  const over = Buffer.byteLength(JSON.stringify(content)) - maxContentBytes;
  return over <= 0 ? content : { ...content, address: "#/live", tag: hash("sha256", content.tag) };
}
