import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { exampleRecord } from "../openapi/examples.ts";
import { findPicture } from "../quarantine/folded.ts";
import { decodePicture, typeOf } from "../quarantine/pictures.ts";
import { readers, route } from "../route.ts";
import { findRecord } from "./quarantine-record.ts";

const getPicture = route({
  method: "GET",
  path: "/v1/quarantine/:id/pictures/:path",
  scopes: readers,
  about: {
    summary: "Get a picture of a report that could not be understood",
    detail: "Its address is in the body that `fold=1` gives. What is no JPEG or PNG is given as bytes.",
    answer: { status: 200, is: "The picture.", contentTypes: ["image/jpeg", "image/png", "application/octet-stream"] },
    example: { path: { id: exampleRecord.id, path: "ext_data.recognize_face" } },
  },
  asks: {
    path: z.object({
      id: z.string().meta({ description: "`qrt_…`" }),
      path: z.string().max(256).meta({ description: "Where it is in the body, as `ext_data.spot_pic`." }),
    }),
    query: z.object({}),
    body: noBody,
  },
  async answer({ path: { id, path }, caller }, deps) {
    const body = Buffer.from((await findRecord(id, deps)).body);
    const found = await findPicture(body, path);
    if (found === null) throw new GatepostError("not-found", "this report has no picture there");
    const picture = decodePicture(body, found);
    const type = typeOf(picture);
    await deps.audit.countPictures(caller.key.id, 1);
    return new Response(new Uint8Array(picture), {
      headers: {
        "content-type": type ?? "application/octet-stream",
        "content-disposition": type === null ? "attachment" : "inline",
        "cache-control": "private, max-age=300",
        vary: "authorization",
      },
    });
  },
});

export const quarantinePictureRoutes = [getPicture];
