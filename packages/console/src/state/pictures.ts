import { type Event, Refusal } from "@gatepost/client";
import { signal } from "@preact/signals";
import { minuteMs } from "../format/durations.ts";
import { type Erasable, onErased } from "./erased.ts";
import { isFramable, serverAddress } from "./home.ts";
import { aboutMe, gatepost, session } from "./session.ts";

export type PictureKind = keyof Event["pictures"];

/** The most pictures that are kept, and the most bytes of all; the oldest one out of view goes first. */
const maxPictures = 200;
const maxBytes = 32 * 1024 * 1024;

/** Widths in which the server makes pictures, if it can. */
const widths = ["96", "192", "384"] as const;
type Width = (typeof widths)[number];

/** An event, or the parts of it that are needed to show its pictures. The size counts for the memory alone. */
export interface Pictured extends Erasable {
  pictures: Partial<Record<PictureKind, { sha256: string; bytes: number }>>;
}

interface Wanted {
  event: Pictured;
  kind: PictureKind;
  /** Null: as the box sent it. */
  width: Width | null;
}

/** The least width with which a picture is sharp at so many px of the page. */
export function widthFor(px: number): Width | null {
  return widths.find((width) => Number(width) >= px * devicePixelRatio) ?? null;
}

interface Held {
  of: Pictured;
  url: Promise<string>;
  /** The address, once it is there. */
  made: string | null;
  bytes: number;
  /** Places that show it now. */
  shown: number;
}

/**
 * The pictures of this page as addresses that an `<img>` can load. If the server gives the page a cookie for pictures,
 * the browser loads and keeps them itself; else they are fetched with the key, which no address may contain.
 */
const held = new Map<string, Held>();
let byCookie: Promise<boolean> | null = null;
/** Whether the browser was given the cookie last. */
let isCookieThere = false;
let total = 0;

/** Whether pictures are loaded by the cookie. It is asked for again before its hour is over. */
function hasCookie(): Promise<boolean> {
  // A frame on another site sends no cookie.
  if (isFramable()) return Promise.resolve(false);
  byCookie ??= gatepost()
    .send("POST /v1/tickets", { body: { for: "pictures" } })
    .then(({ status }) => status === 204)
    .catch(() => false)
    .then((isThere) => {
      isCookieThere = isThere;
      return isThere;
    });
  return byCookie;
}

const cookieMs = 50 * minuteMs;
setInterval(() => {
  byCookie = null;
}, cookieMs);

session.subscribe(() => {
  for (const name of held.keys()) discard(name);
  byCookie = null;
});

onErased((isErased) => {
  for (const [name, { of }] of held) if (isErased(of)) discard(name);
});

/** How often the connection has come back: pictures that failed meanwhile are loaded again. */
export const reconnections = signal(0);

/** The address of a picture in view, until the caller calls `release`. Rejects with a Refusal. */
export function holdPicture(wanted: Wanted): { url: Promise<string>; now: string | null; release(): void } {
  const name = nameOf(wanted);
  const picture = held.get(name) ?? load(name, wanted);
  // The newest are last.
  held.delete(name);
  held.set(name, picture);
  picture.shown++;
  return {
    url: picture.url,
    now: picture.made,
    release() {
      picture.shown--;
      letGo();
    },
  };
}

/** Whether a picture can be shown without a request of the page's own: paper does not wait for an answer. */
export const isAtHand = (wanted: Wanted) => isCookieThere || held.has(nameOf(wanted));

function load(name: string, wanted: Wanted): Held {
  const bytes = wanted.event.pictures[wanted.kind]?.bytes ?? 0;
  const picture: Held = { of: wanted.event, url: addressOf(wanted), made: null, bytes, shown: 0 };
  total += picture.bytes;
  follow(name, picture);
  return picture;
}

function follow(name: string, one: Held): void {
  one.url.then(
    (url) => {
      one.made = url;
      // It was given up before it arrived.
      if (held.get(name) !== one) revoke(one);
    },
    () => {
      if (held.get(name) === one) discard(name);
    },
  );
}

async function addressOf(wanted: Wanted): Promise<string> {
  const { event, kind, width } = wanted;
  const search = width === null ? "" : `?width=${width}`;
  if (await hasCookie()) return `${byCookieAt()}${encodeURIComponent(event.id)}/pictures/${kind}${search}`;
  return fetched(wanted);
}

/** On AWS the key leads to a link into the bucket, which no page may fetch and every `<img>` may load. */
async function fetched({ event, kind, width }: Wanted): Promise<string> {
  const path = { id: event.id, kind };
  if ((await aboutMe()).server.runtime === "aws") {
    return (await gatepost().ask("GET /v1/events/{id}/pictures/{kind}/link", { path })).url;
  }
  const query = width === null ? {} : { width };
  const answer = await gatepost().send("GET /v1/events/{id}/pictures/{kind}", { path, query });
  return URL.createObjectURL(await answer.blob());
}

/**
 * Loads a picture with the key that did not load by the cookie, which ends with a restart of the server: others ask for
 * another cookie from now on. However many places show it, it is loaded once. Rejects with a Refusal, which says whether
 * the picture is gone.
 */
export async function fetchInstead(wanted: Wanted): Promise<string> {
  byCookie = null;
  const name = nameOf(wanted);
  const picture = held.get(name);
  if (picture === undefined) throw new Error("no one may look at it");
  if (picture.made !== null && isByCookie(picture.made)) {
    picture.made = null;
    picture.url = fetched(wanted);
    follow(name, picture);
  }
  return picture.url;
}

/** The beginning of addresses that open by the cookie. */
const byCookieAt = () => serverAddress("/v1/events/");

const nameOf = ({ event, kind, width }: Wanted) =>
  `${event.id}/${kind}/${event.pictures[kind]?.sha256 ?? ""}/${width ?? "whole"}`;

function letGo(): void {
  for (const [name, one] of held) {
    if (held.size <= maxPictures && total <= maxBytes) return;
    if (one.shown === 0) discard(name);
  }
}

function discard(name: string): void {
  const picture = held.get(name);
  if (picture === undefined) return;
  held.delete(name);
  total -= picture.bytes;
  revoke(picture);
}

function revoke({ made }: Held): void {
  if (made?.startsWith("blob:")) URL.revokeObjectURL(made);
}

/** Whether an address is one that opens by the cookie, and so not for ever. */
export const isByCookie = (url: string) => url.startsWith(byCookieAt());

/** Whether a picture is gone for good, and not only out of reach. */
export const isLost = (error: unknown) => error instanceof Refusal && (error.status === 410 || error.status === 404);

/** Loads a picture before it is looked at. */
export function fetchPicture(event: Event, kind: PictureKind): void {
  if (event.pictures[kind] === undefined) return;
  const { url, release } = holdPicture({ event, kind, width: null });
  url.then(release, release);
}
