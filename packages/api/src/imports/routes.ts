import { GatepostError } from "@gatepost/core/errors";
import { checkImport, imported, newImport, take, takenAnswer } from "@gatepost/core/imports";
import * as z from "zod";
import { administratorsAlone } from "../access/who.ts";
import { exampleIds } from "../openapi/examples.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

/** Bytes of one request: a picture of 5 MB in base64, and the JSON around it. */
export const maxImportBytes = 8 * 1024 * 1024;

const id = z.string().meta({ description: "`imp_…`" });

const begin = route({
  method: "POST",
  path: "/v1/imports",
  who: administratorsAlone,
  about: {
    summary: "Begin the import of another Gatepost's data",
    detail: "For `gatepost migrate`. It is valid for a day; begun again, it continues.",
    answer: {
      status: 201,
      is: "The import's name, for the requests that follow.",
      schema: z.object({ id, until: z.iso.datetime() }),
    },
    example: { body: { store: "0f1e2d3c4b5a6978" } },
  },
  asks: {
    body: z.strictObject({
      store: z.string().regex(/^[0-9a-f]{16}$/, "must be the store's id, 16 hex digits"),
    }),
  },
  audits: { action: "imported", about: ({ body: { store } }) => ({ store }) },
  async answer(_, deps) {
    portsOf(deps);
    const begun = newImport(deps);
    return Response.json({ id: begun.id, until: new Date(begun.until).toISOString() }, { status: 201 });
  },
});

const bring = route({
  method: "POST",
  path: "/v1/imports/:id",
  who: administratorsAlone,
  about: {
    summary: "Import events, pictures, keys and other data",
    detail:
      "Each is written as in the source. No subscriber is notified. Repeating a request changes nothing. An event whose pictures are " +
      "missing is not written: the answer names the pictures; send these first, and the event again.",
    answer: { status: 200, is: "The result of each.", schema: takenAnswer },
    body: z.record(z.string(), z.json()).meta({
      description: "As `gatepost migrate` of the same version sends it: another version may have another form.",
    }),
    others: { 410: "The import has ended; begin another." },
    example: {
      path: { id: exampleIds.import },
      body: {
        boxes: [
          { box: "gate-1", site: "east", afterMs: null, isExpected: false, silentSince: null, isAnnounced: false },
        ],
      },
    },
  },
  asks: { path: z.object({ id }), body: imported },
  maxBodyBytes: maxImportBytes,
  auditedBy: "POST /v1/imports",
  dear: true,
  async answer({ path, body }, deps) {
    const ports = portsOf(deps);
    checkImport(path.id, deps);
    return Response.json(await take(body, { ports, events: deps.events, shapeOf: deps.shapeOf, clock: deps.clock }));
  },
});

const amounts = z.record(z.string().regex(/^[a-zA-Z]{1,20}$/), z.int().nonnegative());

const end = route({
  method: "POST",
  path: "/v1/imports/:id/end",
  who: administratorsAlone,
  about: {
    summary: "Record the end and the totals of an import",
    answer: { status: 204, is: "The end is recorded in the audit log." },
    others: { 410: "The import has ended already." },
    example: { path: { id: exampleIds.import }, body: { events: 1200, keys: 7 } },
  },
  asks: { path: z.object({ id }), body: amounts },
  audits: { action: "imported", about: ({ body }) => ({ ...body }) },
  async answer({ path }, deps) {
    checkImport(path.id, deps);
    return new Response(null, { status: 204 });
  },
});

function portsOf({ imports }: ApiPorts) {
  if (imports !== null) return imports;
  throw new GatepostError("not-found", "this server does not accept imports");
}

export const importRoutes = [begin, bring, end];
