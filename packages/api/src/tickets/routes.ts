import { hashToken } from "@gatepost/core/keys";
import * as z from "zod";
import { cookieSeconds, newPictureTicket, pictureCookie } from "../access/admit.ts";
import { guards } from "../access/who.ts";
import { route } from "../route.ts";

const createTicket = route({
  method: "POST",
  path: "/v1/tickets",
  who: guards,
  about: {
    summary: "Get a cookie for pictures",
    detail:
      "For an hour the cookie `gatepost_pictures` opens pictures, and nothing else, so that an `<img>` can load them. It is " +
      "limited as the key, and ends with the key and with `DELETE`.",
    answer: { status: 204, is: "The cookie." },
    example: { body: { for: "pictures" } },
  },
  asks: { body: z.strictObject({ for: z.literal("pictures") }) },
  async answer({ caller }, { tickets, clock }) {
    const ticket = newPictureTicket();
    await tickets.issue(hashToken(ticket), caller.tokenHash, clock() + cookieSeconds * 1000);
    return new Response(null, { status: 204, headers: { "set-cookie": pictureCookie(ticket, caller) } });
  },
});

const endTickets = route({
  method: "DELETE",
  path: "/v1/tickets",
  who: guards,
  about: {
    summary: "Sign out",
    detail: "Ends every cookie for pictures of this key, and clears the browser's cached pictures.",
    answer: { status: 204, is: "They are ended." },
  },
  async answer({ caller }, { tickets }) {
    await tickets.endAll(caller.tokenHash);
    const cookie = pictureCookie("", { ...caller, maxAge: 0 });
    return new Response(null, { status: 204, headers: { "set-cookie": cookie, "clear-site-data": '"cache"' } });
  },
});

export const ticketRoutes = [createTicket, endTickets];
