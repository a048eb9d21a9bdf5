import { GatepostError } from "@gatepost/ingest";
import { locatePicture, pictureKinds } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { exampleEvent } from "../openapi/examples.ts";
import { readers, route } from "../route.ts";
import { findEvent } from "./events.ts";

/**
 * The time is short because a later report may bring a better picture, and an erasure must take effect. Asking again
 * costs no bytes.
 */
const caching = "private, max-age=300";

const linkAnswer = z.object({ url: z.string(), expires: z.iso.datetime().nullable() });

const getPicture = route({
  method: "GET",
  path: "/v1/events/:id/pictures/:kind",
  scopes: readers,
  about: {
    summary: "Get a picture",
    detail:
      "On one machine the answer is the picture, as the box sent it; on AWS it is 302 to a URL that opens the picture " +
      "without a key for five minutes. With `link=1` the answer is that URL as JSON, or this one with `expires` null.",
    answer: { status: 200, is: "The picture.", contentTypes: ["image/jpeg", "image/png"], schema: linkAnswer },
    others: {
      302: "Where the picture is.",
      304: "It is the one that `If-None-Match` names.",
      410: "The event had this picture, but its bytes are lost: it is flagged `picture-lost:{kind}`.",
    },
    example: { path: { id: exampleEvent.id, kind: "face" } },
  },
  asks: {
    path: z.object({
      id: z.string().meta({ description: "`evt_…`" }),
      kind: z.enum(pictureKinds).meta({ description: "Which one." }),
    }),
    query: z.object({ link: z.literal("1", "must be 1").meta({ description: "`1` for a link." }).exactOptional() }),
    body: noBody,
  },
  async answer({ path: { id, kind }, query, headers }, deps) {
    const picture = locatePicture((await findEvent(id, deps)).reports, kind);
    if (picture === null) throw new GatepostError("not-found", `this event has no ${kind} picture`);
    const link = await deps.pictureLinks?.link(picture.month, kind, picture.sha256);
    if (query.link !== undefined) {
      return Response.json(link ?? { url: `/v1/events/${id}/pictures/${kind}`, expires: null });
    }
    if (link !== undefined) return new Response(null, { status: 302, headers: { location: link.url } });
    const etag = `"${picture.sha256}"`;
    const kept = { etag, "cache-control": caching, vary: "authorization" };
    if (matches(headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers: kept });
    const bytes = await deps.pictures.get(picture.month, kind, picture.sha256);
    if (bytes === null) throw new GatepostError("gone", "the bytes of this picture are lost, or were erased");
    return new Response(new Uint8Array(bytes), {
      headers: { ...kept, "content-type": picture.contentType, "content-disposition": "inline" },
    });
  },
});

export const pictureRoutes = [getPicture];

function matches(ifNoneMatch: string | null, etag: string): boolean {
  const known = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag) || known.includes("*");
}
