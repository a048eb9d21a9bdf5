import { createHash } from "node:crypto";
import { mute, openMuteLink } from "@gatepost/core/alerts";
import { GatepostError } from "@gatepost/core/errors";
import { inHtml } from "@gatepost/core/html";
import { knownPerson, merge } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { findEvent } from "../events/routes.ts";
import { exampleLinks } from "../openapi/examples.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute } from "../route.ts";

const asks = {
  path: z.object({ link: z.string() }),
  query: z.object({}),
  body: noBody,
};

const others = {
  404: "The link was not made here, or its event was erased.",
  409: "A person on the blacklist, or without a known face, cannot be muted.",
  410: "The link has ended.",
};

/** Opening the page changes nothing: chat programs open links for a preview. */
const getMute = openRoute({
  method: "GET",
  path: "/v1/mutes/:link",
  about: {
    summary: "Open the link of an alert that mutes a person",
    detail: "A page with a button, for people. The link is for one rule and one person, for a day, and needs no key.",
    answer: { status: 200, is: "The page.", contentTypes: ["text/html; charset=utf-8"] },
    others,
    example: { path: { link: exampleLinks.mute } },
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
    summary: "Mute a person for an hour",
    detail: "The button of the page: the rule sends no alert about this person for an hour.",
    answer: { status: 200, is: "The page that confirms it.", contentTypes: ["text/html; charset=utf-8"] },
    others,
    example: { path: { link: exampleLinks.mute } },
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

/** The person whom a link mutes. Throws 409 if there is no person who may be muted. */
async function mutable(link: string, deps: ApiPorts): Promise<{ rule: string; person: string; name: string }> {
  const { rule, event } = openMuteLink(link, deps);
  const { person } = merge(await findEvent(event, deps));
  const id = knownPerson(person);
  if (person.type === "blacklist") throw new GatepostError("conflict", "a person on the blacklist cannot be muted");
  if (id === null) throw new GatepostError("conflict", "only a known person can be muted");
  return { rule, person: id, name: person.name || id };
}

const style =
  "body{font:16px/1.6 system-ui,sans-serif;max-width:30rem;margin:15vh auto 0;padding:0 1.25rem;color:#1b2330;" +
  "background:#f6f7f9}h1{font-size:1.35rem;line-height:1.35}button{font:inherit;font-weight:600;color:#fff;" +
  "background:#1f5fd0;border:0;border-radius:.5rem;padding:.7rem 1.4rem;min-height:44px;cursor:pointer}" +
  "button:focus-visible{outline:3px solid #8db4ff;outline-offset:2px}p{color:#4a5568}bdi{font-weight:600;color:inherit}" +
  "@media(prefers-color-scheme:dark){body{color:#e6e9ef;background:#14181f}p{color:#a5afbf}}";

const allowed = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** The page behind the link. Its button posts to the same address. */
function mutePage({ rule, name }: { rule: string; name: string }): Response {
  return page(
    `<h1>静音 1 小时？<br><span lang="en">Mute for an hour?</span></h1>
<p>规则 <bdi>${inHtml(rule)}</bdi> 在 1 小时内不再提醒 <bdi>${inHtml(name)}</bdi>。通行照常记录。</p>
<p lang="en">For an hour, the rule <bdi>${inHtml(rule)}</bdi> does not alert of <bdi>${inHtml(name)}</bdi>. Events are stored as before.</p>
<form method="post"><button type="submit">静音 · Mute</button></form>`,
  );
}

function mutedPage({ rule, name, until }: { rule: string; name: string; until: number }): Response {
  const at = `${new Date(until).toISOString().slice(11, 16)} UTC`;
  return page(
    `<h1>已静音<br><span lang="en">Muted</span></h1>
<p>规则 <bdi>${inHtml(rule)}</bdi> 到 ${at} 为止不再提醒 <bdi>${inHtml(name)}</bdi>。</p>
<p lang="en">Until ${at}, the rule <bdi>${inHtml(rule)}</bdi> does not alert of <bdi>${inHtml(name)}</bdi>.</p>`,
  );
}

function page(body: string): Response {
  const html = `<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Gatepost</title><style>${style}</style></head>
<body><main>${body}</main></body></html>
`;
  return new Response(html, {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": allowed },
  });
}
