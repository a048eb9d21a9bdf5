import { masked } from "@gatepost/core/masking";
import * as z from "zod";
import { portsAtSite } from "../access/ports-for.ts";
import { managersAlone, managersOfPeople } from "../access/who.ts";
import { ofSite, siteText } from "../names.ts";
import { route } from "../route.ts";

const listAlike = route({
  method: "GET",
  path: "/v1/people/alike",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "Count people whom several boxes of a site know with the same id and name",
    detail:
      "They may be one person each: someone who knows them answers with `PUT /v1/people/alike`. Only sites are listed for which " +
      "that was not said, and all of whose boxes the caller sees. A count may be a minute old.",
    answer: {
      status: 200,
      is: "The sites with such people, by id.",
      schema: z.object({ sites: z.array(z.object({ site: z.string(), people: z.int() })) }),
    },
    example: {},
  },
  asks: { query: z.object({ ...ofSite }) },
  async answer({ query: { site: asked } }, deps) {
    const sites = await deps.alike.count();
    return Response.json({ sites: sites.filter(({ site }) => asked === undefined || site === asked) });
  },
});

const sayAlike = route({
  method: "PUT",
  path: "/v1/people/alike",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Say whether one id at several boxes of a site is one person",
    detail:
      "If it is, the site shares its people: an id means one person at all of its boxes, also in the past, except in closed " +
      "months. If it is not, the site keeps them apart: no one is asked again, and evacuation lists have a row for each. With " +
      "null it is as if nothing had been said.",
    answer: { status: 204, is: "It is noted." },
    example: { body: { site: "default", areSame: true } },
  },
  asks: { body: z.strictObject({ site: siteText, areSame: z.boolean().nullable() }) },
  audits: {
    action: "setting-changed",
    about: ({ body: { site, areSame } }) => ({ site: masked(site), areSame: areSame ?? "open" }),
  },
  async answer({ body: { site, areSame } }, deps) {
    await portsAtSite(site, deps);
    await deps.sites.put(site, { sharesPeople: areSame === true, keepsPeopleApart: areSame === false });
    deps.log.info("site set", { site, members: ["sharesPeople", "keepsPeopleApart"] });
    return new Response(null, { status: 204 });
  },
});

export const alikeRoutes = [listAlike, sayAlike];
