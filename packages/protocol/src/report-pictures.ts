import {
  type BytesOf,
  decodePicture,
  isNoPicture,
  isTruncated,
  type Picture,
  type PictureFacts,
  type PictureKind,
  pictureKinds,
  type SentPicture,
} from "./picture.ts";

/** The pictures of a report, decoded. */
export interface ReportPictures {
  /** The first readable one of each kind. */
  decoded: ReadonlyMap<PictureKind, Picture>;
  /** SHA-256 of every one that can be read, by the text that was sent. */
  hashes: ReadonlyMap<string, string>;
  /** Kinds of pictures that were sent and are not in the event: unreadable, or a second one of their kind. */
  lost: { unreadable: PictureKind[]; second: PictureKind[] };
  /** The kinds whose end is missing. */
  truncated: PictureKind[];
}

/** Reads pictures as they were sent. If a kind was sent more than once, the first readable one is taken. */
export function decodePictures(sent: readonly Pick<SentPicture, "kind" | "sent">[], bytesOf?: BytesOf): ReportPictures {
  const decoded = new Map<PictureKind, Picture>();
  const hashes = new Map<string, string>();
  const [unreadable, others] = [new Set<PictureKind>(), new Set<PictureKind>()];
  for (const { kind, sent: text } of sent) {
    if (isNoPicture(text)) continue;
    const picture = typeof text === "string" ? decodePicture(text, bytesOf) : null;
    if (picture === null) unreadable.add(kind);
    else {
      hashes.set(String(text), picture.sha256);
      const first = decoded.get(kind) ?? picture;
      decoded.set(kind, first);
      if (first.sha256 !== picture.sha256) others.add(kind);
    }
  }
  const isSecond = (kind: PictureKind) => others.has(kind) || (unreadable.has(kind) && decoded.has(kind));
  return {
    decoded,
    hashes,
    lost: {
      unreadable: pictureKinds.filter((kind) => unreadable.has(kind) && !decoded.has(kind)),
      second: pictureKinds.filter(isSecond),
    },
    truncated: [...decoded].flatMap(([kind, picture]) => (isTruncated(picture) ? [kind] : [])),
  };
}

/** The facts of pictures in an event. */
export function factsOf(decoded: ReadonlyMap<PictureKind, Picture>): Partial<Record<PictureKind, PictureFacts>> {
  const facts: Partial<Record<PictureKind, PictureFacts>> = {};
  for (const [kind, { sha256, bytes, contentType }] of decoded) facts[kind] = { sha256, bytes, contentType };
  return facts;
}
