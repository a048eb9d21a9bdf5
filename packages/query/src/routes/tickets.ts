import { randomBytes } from "node:crypto";
import { hashToken } from "@gatepost/ingest";
import * as z from "zod";
import { bearerOf } from "../access/admit.ts";
import { noBody } from "../body.ts";
import { readers, route } from "../route.ts";

const goodFor = 60_000;

const createTicket = route({
  method: "POST",
  path: "/v1/tickets",
  scopes: readers,
  about: {
    summary: "Get a ticket for the live feed",
    detail: "It opens one connection to `/live?token=` within 60 s, so that a page need not write its key into a URL.",
    answer: {
      status: 201,
      is: "The ticket.",
      schema: z.object({ ticket: z.string(), expires: z.iso.datetime() }),
      example: { ticket: "gpt_…", expires: "2026-11-05T04:01:01.000Z" },
    },
  },
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  async answer({ headers }, deps) {
    const ticket = `gpt_${randomBytes(20).toString("base64url")}`;
    const expiresAt = deps.clock() + goodFor;
    await deps.tickets.issue(hashToken(ticket), hashToken(bearerOf(headers) ?? ""), expiresAt);
    return Response.json({ ticket, expires: new Date(expiresAt).toISOString() }, { status: 201 });
  },
});

export const ticketRoutes = [createTicket];
