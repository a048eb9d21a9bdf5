import { randomBytes } from "node:crypto";
import { boxesSeenBy, includes } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import { boxesSeen, hashToken } from "@gatepost/core/keys";
import type { Roll, RollLink } from "@gatepost/core/rolls";
import { instant } from "@gatepost/protocol";
import * as z from "zod";
import { audited } from "../access/audited.ts";
import { callerWithLink, type From } from "../access/caller.ts";
import { consoleAt, requireOwnOrigin } from "../access/own-origin.ts";
import { requirePeople } from "../access/people-on.ts";
import { portsFor, seesSite } from "../access/ports-for.ts";
import { isOfKind, managersAlone } from "../access/who.ts";
import { writtenText } from "../names.ts";
import { exampleIds, exampleTick, exampleTokens } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute, route } from "../route.ts";
import {
  findRoll,
  noteTicks,
  rollAnswer,
  rollName,
  rollNow,
  rollPath,
  rollTicks,
  ticksBody,
  ticksNow,
  wholeRoll,
} from "./routes.ts";

const linkAnswer = namedObject("RollLink", {
  id: z.string().meta({ description: "`lnk_…`: names the link, and opens nothing." }),
  name: z.string(),
  url: z.string(),
  token: z.string().meta({ description: "The part of `url` that opens the list. It is shown once." }),
  expires: z.iso.datetime(),
});

const makeLink = route({
  method: "POST",
  path: "/v1/rolls/:id/links",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Make a link that opens one evacuation list, without an account",
    detail:
      "For a phone of a person who has no account: it reads this list and ticks its people, and nothing else, for 24 hours or " +
      "until the list is closed. It shows no pictures, and the people whom its maker sees: it ends with the key of its maker, and " +
      "permanently when its maker is lowered or disabled. Its ticks have the name of the link.",
    answer: { status: 201, is: "The link.", schema: linkAnswer },
    others: { 409: "The list is closed (`closed`), or has 100 links (`too-many`)." },
    example: { path: { id: exampleIds.roll }, body: { name: "Gate S2" } },
  },
  asks: {
    path: rollPath,
    body: z.strictObject({ name: writtenText(1, 60).meta({ description: "Who gets it: ticks have this name." }) }),
  },
  audits: {
    action: "roll-linked",
    about: ({ path: { id } }) => ({ roll: rollName(id) }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ link: id })),
  },
  async refuses({ path: { id } }, deps) {
    if ((await findRoll(id, deps)).closed !== null) {
      throw new GatepostError("conflict", "this list is closed", { code: "closed" });
    }
  },
  async answer({ path: { id }, body: { name }, caller, headers }, deps) {
    const token = `gpe_${randomBytes(20).toString("base64url")}`;
    const keyHash = caller.key === null ? null : (caller.session?.keyHash ?? caller.tokenHash);
    const maker = { boxes: caller.boxes, by: caller.id, keyHash, lowered: caller.account?.lowered ?? null };
    const made = await deps.rollLinks.make(hashToken(token), { roll: id, name, ...maker });
    const url = `${consoleAt(headers, caller)}/#roll=${token}`;
    return Response.json({ id: made.id, name, url, token, expires: instant(made.endsAt) }, { status: 201 });
  },
});

const endLinks = route({
  method: "DELETE",
  path: "/v1/rolls/:id/links",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "End all links of an evacuation list",
    answer: { status: 204, is: "No link opens the list any more. Its ticks stay." },
    example: { path: { id: exampleIds.roll } },
  },
  asks: { path: rollPath },
  audits: { action: "roll-linked", about: ({ path: { id } }) => ({ roll: rollName(id), removed: true }) },
  async refuses({ path: { id } }, deps) {
    await findRoll(id, deps);
  },
  async answer({ path: { id } }, deps) {
    await deps.rollLinks.endAll(id);
    return new Response(null, { status: 204 });
  },
});

const linkPath = z.object({ token: z.string().max(64).meta({ description: "`gpe_…`" }) });
const ofLink = {
  403: "People, presence and hours are switched off here (`people-off`).",
  404: "There is no such link; or it has ended, or its list is closed.",
};

const openLink = openRoute({
  method: "GET",
  path: "/v1/roll-links/:token",
  about: {
    summary: "Get the evacuation list of a link",
    answer: {
      status: 200,
      is: "The list, and the name of the link.",
      schema: namedObject("RollOfLink", {
        ...rollAnswer.shape,
        link: z.object({
          name: z.string(),
          expires: z.iso.datetime(),
          site: z.string(),
        }),
        now: z.iso.datetime(),
      }),
    },
    others: ofLink,
    example: { path: { token: exampleTokens.rollLink } },
  },
  asks: { path: linkPath },
  async answer({ path: { token }, from }, deps) {
    const { roll, link, ports } = await opened(token, from, deps);
    const site = (await deps.sites.get(roll.site))?.name ?? roll.site;
    const about = { name: link.name, expires: instant(link.endsAt), site };
    return Response.json({ ...(await wholeRoll(roll, ports)), link: about, now: instant(deps.clock()) });
  },
});

const ticksOfLink = openRoute({
  method: "GET",
  path: "/v1/roll-links/:token/ticks",
  about: {
    summary: "Get the ticks of the evacuation list of a link",
    answer: { status: 200, is: "The ticks, and the number of people.", schema: rollNow },
    others: ofLink,
    example: { path: { token: exampleTokens.rollLink } },
  },
  asks: { path: linkPath },
  async answer({ path: { token }, from }, deps) {
    const { roll, ports } = await opened(token, from, deps);
    return Response.json(await ticksNow(roll, ports));
  },
});

const tickByLink = openRoute({
  method: "POST",
  path: "/v1/roll-links/:token/ticks",
  about: {
    summary: "Tick people of the evacuation list of a link",
    detail: "As `POST /v1/rolls/{id}/ticks`, with the name of the link.",
    answer: { status: 200, is: "All ticks of the list.", schema: rollTicks },
    others: {
      ...ofLink,
      403: "A page of another site has asked; or people, presence and hours are switched off here (`people-off`).",
      409: "500 people were added to the list (`too-many`).",
    },
    example: { path: { token: exampleTokens.rollLink }, body: { ticks: [exampleTick] } },
  },
  asks: { path: linkPath, body: ticksBody },
  maxBodyBytes: 1024 * 1024,
  async answer({ path: { token }, body: { ticks }, headers, from }, deps) {
    requireOwnOrigin(headers, from);
    const { roll, link, caller, ports } = await opened(token, from, deps);
    const by = { id: link.id, name: link.name };
    const act = async () => Response.json({ ticks: await noteTicks(roll, ticks, { by, deps: ports }) });
    const about = () => ({ roll: roll.id, count: ticks.length });
    return audited({ action: "roll-ticked", about }, { asked: { caller }, deps, act });
  },
});

export const rollLinkRoutes = [makeLink, endLinks, openLink, ticksOfLink, tickByLink];

const form = /^gpe_[\w-]{27}$/;

/** The open roll of a link, with the ports of the person who made it. Throws 404, or 429 after too many tries. */
async function opened(token: string, from: From, deps: ApiPorts) {
  if (!form.test(token)) throw noSuchLink(null, from, deps);
  await requirePeople(deps);
  const tokenHash = hashToken(token);
  const link = await deps.rollLinks.find(tokenHash);
  const roll: Roll | null = link === null ? null : await deps.rolls.get(link.roll);
  if (link === null || roll === null || roll.closed !== null) throw noSuchLink(link, from, deps);
  const maker = await makerOf(link, deps);
  if (maker === null) throw noSuchLink(link, from, deps);
  const boxes = inBoth(link.boxes, maker.boxes);
  const ports = await portsFor({ boxes, query: {} }, deps);
  if (boxes !== null && !(await seesSite(roll.site, ports))) throw noSuchLink(link, from, deps);
  return { roll, link, caller: callerWithLink({ id: link.id, boxes }, tokenHash, from), ports };
}

/**
 * The boxes that the maker of a link sees now (null: every one). Null if the maker may make no link any more. A maker who
 * was lowered since then has ended it for good.
 */
async function makerOf(
  { by, keyHash, lowered }: RollLink,
  { accounts, keys, sessions, boxes }: ApiPorts,
): Promise<{ boxes: readonly string[] | null } | null> {
  if (keyHash !== null) {
    // The user of a first link has no key, and the link ends with the session.
    const key = (await keys.find(keyHash)) ?? (await sessions.find(keyHash))?.key ?? null;
    return key === null || !isOfKind(key, managersAlone.keys) ? null : { boxes: boxesSeen(key) };
  }
  const account = await accounts.get(by);
  if (account === null || account.isDisabled || account.lowered !== lowered) return null;
  if (!includes(account.role, managersAlone.role)) return null;
  return { boxes: await boxesSeenBy(account, boxes.reader) };
}

/** The boxes that are in both lists. Null is the list of every box. */
function inBoth(some: readonly string[] | null, others: readonly string[] | null): readonly string[] | null {
  if (some === null || others === null) return some ?? others;
  return some.filter((box) => others.includes(box));
}

function noSuchLink(link: RollLink | null, { address }: From, { authRateLimiter }: ApiPorts): GatepostError {
  if (link === null) authRateLimiter.fail(address);
  return new GatepostError("not-found", "this link has ended; ask for another one", { code: "ended" });
}
