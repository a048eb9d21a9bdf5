import { all } from "@gatepost/core/errors";
import type { PictureStore } from "@gatepost/core/pictures";
import {
  type LocatedPicture,
  monthOf,
  omitAbsent,
  type Passing,
  type Picture,
  type PictureAddress,
  type PictureFacts,
  picturesOfReport,
  type Report,
} from "@gatepost/protocol";
import type { Objects } from "../s3/objects.ts";
import { fileOf, objectKey } from "./keys.ts";
import type { SharedPictures } from "./shared.ts";

interface Deps {
  objects: Objects;
  shared: Pick<SharedPictures, "share">;
  /** The reports that an event has; none if they cannot be read in time. */
  heldReports(eventId: string): Promise<readonly Report[]>;
}

/** The pictures of reports in S3, each an object. */
export class S3PictureStore implements PictureStore {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async putAll(
    { report, pictures }: Passing,
    { eventId: event, box }: { eventId: string; box: string },
  ): Promise<Report> {
    const isShared = [...pictures.keys()].every((kind) => kind === "registered");
    const held = isShared ? [] : await this.#held(report, event);
    const known = held.flatMap((one) => intactIn(event, one));
    const month = monthOf(Math.min(...[report, ...held].map(({ receivedAt }) => receivedAt)));
    const placed = [...pictures].map(async ([kind, picture]) => {
      const place = { event, report: report.kind, kind, month };
      return [kind, await this.#put(place, picture, { receivedAt: report.receivedAt, known, box })] as const;
    });
    return { ...report, pictures: { ...report.pictures, ...Object.fromEntries(await all(placed)) } };
  }

  address(picture: LocatedPicture): PictureAddress {
    return { bucket: this.#deps.objects.bucket, key: objectKey(picture) };
  }

  /**
   * The reports that the event already has. Their first month is also the month of later pictures, and pictures that one
   * of them has brought are not written again. A real-time report is usually the first and only one of its kind, and
   * its box does not wait long: nothing is read for it, unless the first report may have been received in another month.
   */
  async #held({ kind, time, receivedAt }: Report, eventId: string): Promise<readonly Report[]> {
    const isFirst = kind === "realtime" && monthOf(time ?? receivedAt) === monthOf(receivedAt);
    return isFirst ? [] : this.#deps.heldReports(eventId);
  }

  /** Returns the facts of the picture for its report. */
  async #put(
    place: Pick<LocatedPicture, "event" | "report" | "kind" | "month">,
    { data, ...facts }: Picture,
    { receivedAt, known, box }: { receivedAt: number; known: readonly LocatedPicture[]; box: string },
  ): Promise<PictureFacts> {
    const { objects, shared } = this.#deps;
    const { kind } = place;
    const received = monthOf(receivedAt);
    const isRegistered = kind === "registered";
    if (isRegistered && (await shared.share(received, { data, ...facts }))) return facts;
    const ownMark = isRegistered ? { own: true as const } : {};
    const held = known.find((one) => one.kind === kind && one.sha256 === facts.sha256 && one.own === ownMark.own);
    if (held === undefined) {
      await objects.put(objectKey({ ...facts, ...ownMark, ...place }), data, fileOf(facts, kind, box));
    }
    const { month, report } = held ?? place;
    const elsewhere = { report: report === place.report ? null : report, month: month === received ? null : month };
    return { ...facts, ...ownMark, ...omitAbsent(elsewhere) };
  }
}

/** The pictures of a report whose bytes are not lost. */
function intactIn(eventId: string, report: Report): LocatedPicture[] {
  return picturesOfReport(eventId, report).filter(({ kind }) => !report.flags?.includes(`picture-lost:${kind}`));
}
