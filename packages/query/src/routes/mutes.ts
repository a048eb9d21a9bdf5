import { mute } from "@gatepost/core/alerts";
import { GatepostError } from "@gatepost/ingest";
import { knownPerson, merge } from "@gatepost/protocol";
import * as z from "zod";
import { openMuteLink } from "../alerts/mute-link.ts";
import { mutedPage, mutePage } from "../alerts/mute-page.ts";
import { noBody } from "../body.ts";
import { exampleMuteLink } from "../openapi/examples.ts";
import type { ApiPorts } from "../ports/api-ports.ts";
import { openRoute } from "../route.ts";
import { findEvent } from "./events.ts";

const asks = {
  path: z.object({ link: z.string().meta({ description: "As it came." }) }),
  query: z.object({}),
  body: noBody,
};

const others = {
  404: "The link was not made here, or its event was erased.",
  409: "Nobody is muted who is on the blacklist, or whose face is not known.",
  410: "The link has ended.",
};

/** Opening the page changes nothing: chat programs open links for a preview. */
const getMute = openRoute({
  method: "GET",
  path: "/v1/mutes/:link",
  about: {
    summary: "Open the link of an alert that mutes somebody",
    detail: "A page with a button, for people. The link is for one rule and one person, for a day, and needs no key.",
    answer: { status: 200, is: "The page.", contentTypes: ["text/html; charset=utf-8"] },
    others,
    example: { path: { link: exampleMuteLink } },
  },
  asks,
  async answer({ path: { link } }, deps) {
    const { rule, name } = await mutable(link, deps);
    return mutePage({ rule, name });
  },
});

const postMute = openRoute({
  method: "POST",
  path: "/v1/mutes/:link",
  about: {
    summary: "Mute somebody for an hour",
    detail: "What the button of the page does: the rule does not alert of this person for an hour.",
    answer: { status: 200, is: "The page that says so.", contentTypes: ["text/html; charset=utf-8"] },
    others,
    example: { path: { link: exampleMuteLink } },
  },
  asks,
  async answer({ path: { link } }, deps) {
    const { rule, name, person } = await mutable(link, deps);
    const until = await mute(rule, person, deps);
    deps.log.info("somebody was muted", { rule });
    return mutedPage({ rule, name, until });
  },
});

export const muteRoutes = [getMute, postMute];

/** Whom a link mutes. Throws 409 where that is nobody who may be muted. */
async function mutable(link: string, deps: ApiPorts): Promise<{ rule: string; person: string; name: string }> {
  const { rule, event } = openMuteLink(link, deps);
  const { person } = merge(await findEvent(event, deps));
  const id = knownPerson(person);
  if (person.type === "blacklist") throw new GatepostError("conflict", "who is on the blacklist is not muted");
  if (id === null) throw new GatepostError("conflict", "only somebody who is known can be muted");
  return { rule, person: id, name: person.name || id };
}
