import { randomBytes } from "node:crypto";
import { hashToken } from "@gatepost/core/keys";
import * as z from "zod";
import { cookieSeconds, newPictureTicket, pictureCookie } from "../access/admit.ts";
import type { Caller } from "../access/caller.ts";
import { guards } from "../access/who.ts";
import { noBody } from "../body.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

/** ms for which a ticket for the live feed is valid. */
const ticketMs = 60_000;

const createTicket = route({
  method: "POST",
  path: "/v1/tickets",
  who: guards,
  about: {
    summary: "Get a ticket for the live feed, or a cookie for pictures",
    detail:
      "A ticket opens one connection to `/live?token=` within 60 s, so that a page need not put its key into a URL. With " +
      "`for` pictures, the answer is 204 with the cookie `gatepost_pictures`: for an hour it opens pictures, and nothing " +
      "else, so that an `<img>` can load them. It is limited as the key, and ends with the key and with `DELETE`.",
    answer: {
      status: 201,
      is: "The ticket.",
      schema: z.object({ ticket: z.string(), expires: z.iso.datetime() }),
      example: { ticket: "gpt_…", expires: "2026-11-05T04:01:01.000Z" },
    },
    others: { 204: "The cookie for pictures." },
    example: { body: { for: "live" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({}),
    body: z.strictObject({ for: z.enum(["live", "pictures"]) }).optional(),
  },
  async answer({ body, caller }, deps) {
    const { tokenHash } = caller;
    if (body?.for === "pictures") return pictureCookieFor(tokenHash, caller, deps);
    const ticket = `gpt_${randomBytes(20).toString("base64url")}`;
    const expiresAt = deps.clock() + ticketMs;
    await deps.tickets.issue(hashToken(ticket), tokenHash, expiresAt);
    return Response.json({ ticket, expires: new Date(expiresAt).toISOString() }, { status: 201 });
  },
});

const endTickets = route({
  method: "DELETE",
  path: "/v1/tickets",
  who: guards,
  about: {
    summary: "Sign out",
    detail: "Ends every ticket and picture cookie of this key, and clears the browser's cached pictures.",
    answer: { status: 204, is: "They are ended." },
  },
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  async answer({ caller: { tokenHash, isHttps } }, { tickets }) {
    await tickets.endAll(tokenHash);
    const cookie = pictureCookie("", { isHttps, maxAge: 0 });
    return new Response(null, { status: 204, headers: { "set-cookie": cookie, "clear-site-data": '"cache"' } });
  },
});

export const ticketRoutes = [createTicket, endTickets];

async function pictureCookieFor(
  tokenHash: string,
  { isHttps }: Caller,
  { tickets, clock }: Pick<ApiPorts, "tickets" | "clock">,
): Promise<Response> {
  const ticket = newPictureTicket();
  await tickets.issue(hashToken(ticket), tokenHash, clock() + cookieSeconds * 1000);
  return new Response(null, { status: 204, headers: { "set-cookie": pictureCookie(ticket, { isHttps }) } });
}
