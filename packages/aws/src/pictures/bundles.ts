import { all } from "@gatepost/core/errors";
import type { PictureBundles } from "@gatepost/core/pictures";
import {
  announcedPhoto,
  monthOf,
  type Passing,
  type Picture,
  type PictureAddress,
  type PictureFacts,
  type PictureKind,
  type Report,
  requestedAction,
} from "@gatepost/protocol";
import { RecentCache } from "../dynamo/recent-cache.ts";
import { type Objects, sha256Of } from "../s3/objects.ts";
import { copyKey, isNamed, type OwnRef, objectName, ownKey, ownRefOf, sceneName } from "./own.ts";
import type { S3PictureStore } from "./store.ts";

/** A larger picture is a separate object: a function answers with at most 6 MB, in base64. */
const maxSharedBytes = 4 * 1024 * 1024;

/** How many copies of photos a process remembers. */
const maxCopied = 1000;

type Sent = readonly [kind: PictureKind, picture: Picture];
type Located = PictureFacts & { month: string };

interface Held {
  kind: string;
  facts: Located;
}

/** The event for which a report was first stored, and the report as it was stored. */
type Earlier = NonNullable<Parameters<PictureBundles["put"]>[2]>;

interface Deps {
  objects: Pick<Objects, "bucket" | "put" | "get">;
  /** For registered pictures, which all events share. */
  registered: Pick<S3PictureStore, "share">;
  /** The reports that an event has; none if they cannot be read in time. */
  heldReports(eventId: string): Promise<readonly Report[]>;
  /** Notes an object that an event does not show, and that must be removed with it. */
  noteStray(eventId: string, ref: OwnRef, report: Report): Promise<unknown>;
  /** Whether every event is announced, with its photo. */
  announcesEvents: boolean;
}

/** The pictures of a report in S3, in one object if possible. */
export class S3PictureBundles implements PictureBundles {
  readonly #deps: Deps;
  /** The keys of copies that this process has written. */
  readonly #copied = new RecentCache<true>(maxCopied);

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async put(passing: Passing, eventId: string, earlier?: Earlier): Promise<Report> {
    const { report, pictures } = passing;
    const sent = [...pictures];
    const registered = sent.filter(([kind]) => kind === "registered");
    const own = this.#putOwn(passing, eventId);
    const strays = earlier === undefined ? [] : straysOf(passing, earlier);
    const noted = strays.map((ref) => this.#deps.noteStray(eventId, ref, report));
    const shared = registered.map((one) => this.#share(eventId, passing, one));
    await all([own, ...noted, ...shared]);
    const placed = new Map([...(await own), ...(await Promise.all(shared)).flat()]);
    if (placed.size === 0) return report;
    return { ...report, pictures: { ...report.pictures, ...Object.fromEntries(placed) } };
  }

  async addressOf(picture: Located): Promise<PictureAddress | null> {
    const { objects } = this.#deps;
    const ref = ownRefOf(picture);
    if (ref === null) return null;
    if (ref.at === undefined) return { bucket: objects.bucket, key: ownKey(ref) };
    const key = copyKey({ ...ref, at: ref.at });
    if (this.#copied.find(key, -1)) return { bucket: objects.bucket, key };
    const bytes = await objects.get(ownKey(ref), { at: ref.at, bytes: picture.bytes });
    if (bytes === null) throw new Error("the photo of an announcement is lost");
    await objects.put(key, bytes, picture);
    return { bucket: objects.bucket, key };
  }

  /** A picture that may not be shared now becomes an object of the event. Returns its place then. */
  async #share(eventId: string, passing: Passing, [kind, picture]: Sent): Promise<[PictureKind, PictureFacts][]> {
    const month = monthOf(passing.report.receivedAt);
    const isShared = await this.#deps.registered.share(month, picture);
    return isShared ? [] : this.#write(eventId, passing, [[kind, picture]]);
  }

  async #putOwn(passing: Passing, eventId: string): Promise<Map<PictureKind, PictureFacts>> {
    const { report, pictures } = passing;
    const sent = [...pictures].filter(([kind]) => kind !== "registered");
    const placed = new Map<PictureKind, PictureFacts>();
    if (sent.length === 0) return placed;
    const held = await this.#held(passing, eventId);
    const missing = sent.filter(([kind, picture]) => {
      const known = held.find((one) => one.kind === kind && one.facts.sha256 === picture.sha256);
      if (known !== undefined) placed.set(kind, factsIn(report, known.facts));
      return known === undefined;
    });
    const photo = this.#announced(report);
    const groups = groupsOf(missing, photo);
    const written = groups.map((group) => this.#write(eventId, passing, group));
    const copied = this.#copyPhoto(sent.find(([kind]) => kind === photo)?.[1], photo && placed.get(photo), report);
    await Promise.allSettled([...written, copied]);
    await copied;
    for (const facts of await Promise.all(written)) for (const [kind, one] of facts) placed.set(kind, one);
    return placed;
  }

  /**
   * The pictures that the event already has, with their places. A repeated report, or another one of the same passing,
   * brings them again. A real-time report is usually the first and only one of its kind, so nothing is read for it.
   */
  async #held({ report }: Passing, eventId: string): Promise<Held[]> {
    if (report.kind === "realtime") return [];
    const reports = await this.#deps.heldReports(eventId);
    return reports.flatMap(heldBy);
  }

  /** The kind of picture that an announcement of this report would name; undefined if it is not announced. */
  #announced(report: Report): PictureKind | undefined {
    const isAnnounced = this.#deps.announcesEvents || requestedAction(report) !== null;
    return isAnnounced ? announcedPhoto([report])?.kind : undefined;
  }

  /**
   * Copies a photo that is in an object with other pictures. The receiving function knows its bytes here, and has no
   * permission to read them later.
   */
  async #copyPhoto(photo: Picture | undefined, held: PictureFacts | undefined, report: Report): Promise<void> {
    const ref = held === undefined ? null : ownRefOf({ month: monthOf(report.receivedAt), ...held });
    if (photo === undefined || ref?.at === undefined) return;
    const key = copyKey({ ...ref, at: ref.at });
    await this.#deps.objects.put(key, photo.data, photo);
    this.#copied.note(key, true, 0);
  }

  async #write(eventId: string, passing: Passing, group: readonly Sent[]): Promise<[PictureKind, PictureFacts][]> {
    const hashes = group.map(([, { sha256 }]) => sha256);
    const bare = objectName(eventId, passing, hashes);
    const name = group.some(endsEarly) ? sceneName(bare) : bare;
    const key = ownKey({ month: monthOf(passing.report.receivedAt), in: name });
    const [first, ...others] = group;
    if (first !== undefined && others.length === 0) {
      const [kind, { data, ...facts }] = first;
      await this.#deps.objects.put(key, data, facts);
      return [[kind, { ...facts, in: name }]];
    }
    const body = Buffer.concat(group.map(([, { data }]) => data));
    await this.#deps.objects.put(key, body, { sha256: sha256Of(body), contentType: "application/octet-stream" });
    let at = 0;
    return group.map(([kind, { data: _, ...facts }]) => {
      const place = { ...facts, in: name, at };
      at += facts.bytes;
      return [kind, place];
    });
  }
}

function heldBy({ receivedAt, pictures = {}, flags = [] }: Report): Held[] {
  return Object.entries(pictures)
    .filter(([kind]) => !flags.includes(`picture-lost:${kind}`))
    .map(([kind, facts]) => ({ kind, facts: { month: monthOf(receivedAt), ...facts } }));
}

/**
 * The objects that were written for the event to which a report turned out not to belong. Other objects belong to that
 * event.
 */
function straysOf(passing: Passing, { eventId: of, report }: Earlier): OwnRef[] {
  const objects = Map.groupBy(heldBy(report), ({ facts }) => facts.in);
  return [...objects].flatMap(([name, held]) => {
    const inOrder = held.toSorted((a, b) => (a.facts.at ?? 0) - (b.facts.at ?? 0));
    const hashes = inOrder.map(({ facts }) => facts.sha256);
    return isNamed(name, objectName(of, passing, hashes)) ? [{ month: monthOf(report.receivedAt), in: name, of }] : [];
  });
}

/** The groups of pictures that become one object each. */
function groupsOf(missing: readonly Sent[], photo: PictureKind | undefined): Sent[][] {
  const isAlone = (one: Sent) => one[0] === photo || one[1].bytes > maxSharedBytes || endsEarly(one);
  const together = missing.filter((one) => !isAlone(one));
  return [...missing.filter(isAlone).map((one) => [one]), ...(together.length === 0 ? [] : [together])];
}

/** Whether a picture ends before its event: the bucket removes it by the folder of its object. */
function endsEarly([, { keptDays }]: Sent): boolean {
  return keptDays !== undefined;
}

/** The facts of a stored picture for another report, which names the month only if it is a different one. */
function factsIn({ receivedAt }: Report, { month, ...facts }: Located): PictureFacts {
  return month === monthOf(receivedAt) ? facts : { ...facts, month };
}
