import { GatepostError } from "@gatepost/core/errors";
import { type AsSent, openPhotoLink, openPictureLink } from "@gatepost/core/pictures";
import {
  announcedPhoto,
  expiredFlag,
  type LocatedPicture,
  locatePicture,
  type PictureKind,
  pictureHref,
  pictureKinds,
  type StoredEvent,
} from "@gatepost/protocol";
import * as z from "zod";
import { guardsAndSettlers } from "../access/who.ts";
import { noBody } from "../body.ts";
import { findEvent } from "../events/routes.ts";
import { exampleIds, exampleLinks } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute, route } from "../route.ts";

/**
 * The time is short because a later report may bring a better picture, and an erasure must take effect. Asking again
 * costs no bytes.
 */
const caching = "private, max-age=300";

/** A resized picture costs work, so browsers may keep it longer. Signing out clears it. */
const smallCaching = "private, max-age=600";

const vary = "authorization, cookie";

const linkAnswer = namedObject("PictureLink", { url: z.string(), expires: z.iso.datetime().nullable() });

const wantedPicture = {
  path: z.object({
    id: z.string().meta({ description: "`evt_…`" }),
    kind: z.enum(pictureKinds),
  }),
  query: z.object({
    width: z
      .enum(["96", "192", "384"])
      .transform(Number)
      .exactOptional()
      .meta({ description: "For a JPEG of at most that width in pixels, if sharp is installed." }),
  }),
  body: noBody,
};

const whyGone =
  "The event had this picture. It was kept for less time than the event, which is flagged `picture-expired:{kind}`; " +
  "or its bytes are lost: then it is flagged `picture-lost:{kind}`.";

const getPicture = route({
  method: "GET",
  path: "/v1/events/:id/pictures/:kind",
  who: guardsAndSettlers,
  keyIn: "cookie",
  about: {
    summary: "Get a picture",
    detail:
      "On one machine the answer is the picture, as the box sent it; on AWS it is 302 to a URL that opens the picture " +
      "without a key for five minutes. If a picture cannot be made smaller (`width`), it is given unchanged, and the header " +
      "`Gatepost-Picture` gives the reason: " +
      "`as-sent; reason=not-installed`, `too-large` (over 25 megapixels), `busy` or `unreadable`; on AWS always `aws`.",
    answer: { status: 200, is: "The picture.", contentTypes: ["image/jpeg", "image/png"] },
    others: {
      302: "The address of the picture.",
      304: "The picture is the one that `If-None-Match` names.",
      410: whyGone,
    },
    example: { path: { id: exampleIds.event, kind: "face" } },
  },
  asks: {
    ...wantedPicture,
    query: wantedPicture.query.extend({
      // Generated clients cannot tell that it changes what an answer is: they have `…/link`.
      link: z.literal("1", "must be 1").meta({ deprecated: true }).exactOptional(),
    }),
  },
  async answer({ path, query: { link, ...size }, headers, caller }, deps) {
    const picture = await findPicture({ ...path, ...size }, deps);
    const answer = await (link === undefined ? showPicture(picture, headers, deps) : linkAsJson(picture, deps));
    if (answer.status !== 304) await deps.audit.countPictures(caller.id, 1);
    return answer;
  },
});

const getPictureLink = route({
  method: "GET",
  path: "/v1/events/:id/pictures/:kind/link",
  who: guardsAndSettlers,
  keyIn: "cookie",
  about: {
    summary: "Get a URL of a picture",
    detail:
      "On AWS the URL opens the picture without a key until `expires`, five minutes later. On one machine it is the path " +
      "of the picture, and `expires` is null.",
    answer: { status: 200, is: "The URL.", schema: linkAnswer },
    others: { 410: whyGone },
    example: { path: { id: exampleIds.event, kind: "face" } },
  },
  asks: wantedPicture,
  async answer({ path, query, caller }, deps) {
    const answer = await linkAsJson(await findPicture({ ...path, ...query }, deps), deps);
    await deps.audit.countPictures(caller.id, 1);
    return answer;
  },
});

async function linkAsJson({ picture, width }: Wanted, deps: ApiPorts): Promise<Response> {
  const url = `${pictureHref(picture.event, picture.kind)}${width === undefined ? "" : `?width=${width}`}`;
  return Response.json((await linkTo(picture, deps)) ?? { url, expires: null });
}

/** The picture that a request names. Throws 404 and 410. */
async function findPicture(
  { id, kind, ...size }: { id: string; kind: PictureKind; width?: number },
  deps: ApiPorts,
): Promise<Wanted> {
  const picture = pictureOf(await findEvent(id, deps), kind);
  if (picture === null) throw new GatepostError("not-found", `this event has no ${kind} picture`);
  return { picture, ...size };
}

const getLinked = openRoute({
  method: "GET",
  path: "/v1/pictures/:link",
  about: {
    summary: "Open the link of a picture",
    detail:
      "Alerts and entries of the bus contain links, for at most a day. Each opens one picture without a key, as long as its event exists.",
    answer: { status: 200, is: "The picture.", contentTypes: ["image/jpeg", "image/png"] },
    others: {
      304: "The picture is the one that `If-None-Match` names.",
      404: "The link was not made here, or the event shows another picture now.",
      410: "The link has ended, or the picture is no longer kept, or its bytes are lost.",
    },
    example: { path: { link: exampleLinks.face } },
  },
  asks: { path: z.object({ link: z.string() }) },
  async answer({ path: { link }, headers }, deps) {
    const answer = await answerWith({ picture: await linked(link, deps) }, headers, deps);
    // Any page may show the picture of a link: chats embed it in their own pages.
    answer.headers.set("cross-origin-resource-policy", "cross-origin");
    return answer;
  },
});

/** The picture that a link opens. Throws 404 and 410. */
async function linked(link: string, deps: ApiPorts) {
  const { photoSecret = deps.cursorSecret, clock } = deps;
  const photo = openPhotoLink(link, { photoSecret, clock });
  if (photo !== null) return announced(photo, deps);
  const { id, kind, sha256 } = openPictureLink(link, deps);
  const picture = pictureOf(await findEvent(id, deps), kind);
  if (picture?.sha256 === sha256) return picture;
  throw new GatepostError("not-found", `this event has another ${kind} picture now`);
}

/** The picture that an event shows; null if it has none. Throws 410 if it is no longer kept. */
function pictureOf(event: StoredEvent, kind: PictureKind): LocatedPicture | null {
  const picture = locatePicture(event, kind);
  const isExpired = event.reports.some(({ flags = [] }) => flags.includes(expiredFlag(kind)));
  if (picture === null && isExpired) throw new GatepostError("gone", `the ${kind} of this event is no longer kept`);
  return picture;
}

/** The photo that the entry of an event names. A link opens no picture that was not announced. */
async function announced({ id, sha256 }: { id: string; sha256: string }, deps: ApiPorts) {
  const event = await findEvent(id, deps);
  const photo = event.actions.length > 0 || deps.announcesEvents ? announcedPhoto(event) : null;
  if (photo?.sha256 === sha256) return photo;
  throw new GatepostError("not-found", "this event has another photo now");
}

export const pictureRoutes = [getPicture, getPictureLink, getLinked];

interface Wanted {
  picture: LocatedPicture;
  /** Pixels at most; absent for the picture as it was sent. */
  width?: number;
}

/** The picture itself, or its address. */
async function showPicture(wanted: Wanted, headers: Headers, deps: ApiPorts): Promise<Response> {
  const link = await linkTo(wanted.picture, deps);
  return link === null
    ? answerWith(wanted, headers, deps)
    : new Response(null, {
        status: 302,
        headers: { location: link.url, ...(wanted.width === undefined ? {} : asSent("aws")) },
      });
}

/** A link of the store that needs no key; null if the store gives none. */
export async function linkTo(
  picture: LocatedPicture,
  { pictureLinks }: Pick<ApiPorts, "pictureLinks">,
): Promise<{ url: string; expires: string } | null> {
  return pictureLinks?.link(picture) ?? null;
}

export async function answerWith(
  { picture, width }: Wanted,
  headers: Headers,
  deps: Pick<ApiPorts, "pictures" | "resizer">,
): Promise<Response> {
  const known = headers.get("if-none-match");
  const asItIs = { etag: `"${picture.sha256}"`, "cache-control": caching, vary };
  const small = { etag: `"${picture.sha256}-${width}"`, "cache-control": smallCaching, vary };
  if (width === undefined && matches(known, asItIs.etag)) return new Response(null, { status: 304, headers: asItIs });
  if (width !== undefined && matches(known, small.etag)) return new Response(null, { status: 304, headers: small });
  const bytes = await deps.pictures.get(picture);
  if (bytes === null) throw new GatepostError("gone", "the bytes of this picture are lost, or were erased");
  const made = width === undefined ? null : ((await deps.resizer?.resize(bytes, width)) ?? "not-installed");
  if (Buffer.isBuffer(made)) return shown(made, { ...small, "content-type": "image/jpeg" });
  const why = made === null ? {} : asSent(made);
  return shown(bytes, { ...asItIs, ...why, "content-type": picture.contentType });
}

function shown(bytes: Buffer, headers: Record<string, string>): Response {
  const length = { "content-length": `${bytes.length}` };
  return new Response(inOnePiece(bytes), { headers: { ...headers, ...length, "content-disposition": "inline" } });
}

/** A stream of bytes that are not copied: a Response copies bytes that it is given. */
function inOnePiece(bytes: Buffer): ReadableStream<Uint8Array> {
  const give = (to: ReadableStreamDefaultController<Uint8Array>) => {
    to.enqueue(bytes);
    to.close();
  };
  // The bytes are enqueued only when the client reads them: after a HEAD, no one does.
  return new ReadableStream({ pull: give }, { highWaterMark: 0 });
}

/** Says that a picture is as the box sent it, though a smaller one was asked for. */
function asSent(reason: AsSent | "aws"): Record<string, string> {
  return { "gatepost-picture": `as-sent; reason=${reason}` };
}

function matches(ifNoneMatch: string | null, etag: string): boolean {
  const known = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag) || known.includes("*");
}
