import { GatepostError } from "@gatepost/ingest";
import { locatePicture, pictureKinds } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { readers, route } from "../route.ts";
import { findEvent } from "./events.ts";

/** Short, since a later report may bring a better picture and an erasure must take effect; asking again costs no bytes. */
const caching = "private, max-age=300";

const getPicture = route({
  method: "GET",
  path: "/v1/events/:id/pictures/:kind",
  scopes: readers,
  asks: {
    path: z.object({ id: z.string(), kind: z.enum(pictureKinds) }),
    query: z.object({ link: z.literal("1", "must be 1").exactOptional() }),
    body: noBody,
  },
  async answer({ path: { id, kind }, query, headers }, on) {
    const picture = locatePicture((await findEvent(id, on)).reports, kind);
    if (picture === null) throw new GatepostError("not-found", `this event has no ${kind} picture`);
    if (query.link !== undefined) return Response.json({ url: `/v1/events/${id}/pictures/${kind}`, expires: null });
    const etag = `"${picture.sha256}"`;
    const kept = { etag, "cache-control": caching, vary: "authorization" };
    if (matches(headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers: kept });
    const bytes = await on.pictures.get(picture.month, kind, picture.sha256);
    if (bytes === null) throw new GatepostError("not-found", "this picture has expired or was erased");
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
