import { auditKeptMs, auditRecord } from "@gatepost/core/audit";
import { moment, momentForm } from "@gatepost/core/events";
import * as z from "zod";
import { administratorsAlone } from "../access/who.ts";
import { noBody } from "../body.ts";
import { exampleAuditRecord } from "../openapi/examples.ts";
import { nextPage, paging, readPage } from "../page.ts";
import { route } from "../route.ts";

const head = z.object({ seq: z.int(), hash: z.string() });

const listAudit = route({
  method: "GET",
  path: "/v1/audit",
  who: administratorsAlone,
  about: {
    summary: "List what keys did, newest first",
    detail:
      "Keys made and revoked, sign-ins, erasures, replays, dead letters sent again, and how many pictures each key read in " +
      "an hour. Each entry has the hash of the previous one. `gatepost audit verify` checks the chain from `head`.",
    answer: {
      status: 200,
      is: "One page, the last entry of the whole log, and the time since which entries are kept.",
      schema: z.object({
        entries: z.array(auditRecord),
        next: nextPage,
        head: head.nullable().meta({ description: "The last entry of the log; null if it has none." }),
        keptFrom: z.iso.datetime(),
      }),
      example: {
        entries: [exampleAuditRecord],
        next: null,
        head: { seq: exampleAuditRecord.seq, hash: exampleAuditRecord.hash },
        keptFrom: "2023-11-04T04:00:01.000Z",
      },
    },
    example: { query: { from: "2026-11-05T00:00:00Z", to: "2026-11-06T00:00:00Z", limit: "20" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      from: moment.meta({ description: `The earliest time shown: ${momentForm}` }).exactOptional(),
      to: moment.meta({ description: `The time before which entries must be: ${momentForm}` }).exactOptional(),
      ...paging,
    }),
    body: noBody,
  },
  async answer({ query }, deps) {
    // The head is read first: an entry that is noted meanwhile is on the page and behind this head.
    const end = await deps.auditReader.head();
    const { items, next } = await readPage("audit", query, (range, page) => deps.auditReader.list(range, page), deps);
    const keptFrom = new Date(deps.clock() - auditKeptMs).toISOString();
    return Response.json({ entries: items, next, head: end, keptFrom });
  },
});

export const auditRoutes = [listAudit];
