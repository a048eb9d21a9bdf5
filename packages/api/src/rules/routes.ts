import { createHmac } from "node:crypto";
import { shownCard } from "@gatepost/core/cards";
import { GatepostError } from "@gatepost/core/errors";
import { moment } from "@gatepost/core/events";
import { previewed, ruleLimits, toldToReaders } from "@gatepost/core/rules";
import { omitAbsent } from "@gatepost/protocol";
import * as z from "zod";
import { managers, managersAlone } from "../access/who.ts";
import { findEvent } from "../events/routes.ts";
import { newJobId } from "../jobs/job.ts";
import { createStored } from "../jobs/routes.ts";
import { jobAnswer, shownJob } from "../jobs/shown-job.ts";
import { exampleIds, examplePattern, exampleRuleTag } from "../openapi/examples.ts";
import { namedObject, sentObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { askedPattern, isOneOfBoth, matching, oneOfBoth, patternToWrite } from "./asked.ts";
import { toldInDays } from "./days.ts";
import { rulesOf } from "./rules-of.ts";
import { channel, cooldownPer, quiet, shownRule, shownRules } from "./shown.ts";

/* What the routes of rules share: the tag that guards changes. */

function noSuchRule(): GatepostError {
  return new GatepostError("not-found", "there is no such rule, or it cannot be used; list them");
}

function outdated(): GatepostError {
  return new GatepostError("outdated", "the rules were changed since you read them: read them again");
}

/** The version that a request was made for. Throws 428 without `If-Match`, 412 if there is another one now. */
async function matchedVersion(headers: Headers, deps: ApiPorts): Promise<string> {
  const sent = headers.get("if-match");
  if (sent === null) throw new GatepostError("unconditional", "send If-Match with the etag of GET /v1/rules");
  const { version } = await rulesOf(deps).read();
  if (sent !== tagOf(version, deps)) throw outdated();
  return version;
}

/**
 * The tag of a version. The version depends on secrets in the file, so the tag is a keyed hash: no one can test
 * guesses.
 */
function tagOf(version: string, { cursorSecret }: Pick<ApiPorts, "cursorSecret">): string {
  return `"${createHmac("sha256", cursorSecret).update(`rules ${version}`).digest("hex").slice(0, 16)}"`;
}

const finding = namedObject("RuleFinding", { path: z.string(), holds: z.boolean(), is: z.string(), wants: z.string() });
const trial = namedObject("RuleMatch", {
  event: z.string(),
  detailType: z.string(),
  matches: z.boolean(),
  why: z.array(finding),
});
const asked = {
  pattern: z.unknown().meta({ description: "As it was sent, or made from the card." }),
  card: shownCard,
  warning: z.string().exactOptional().meta({ description: "Why it can never match; absent if it may." }),
};
const trialAnswer = z.union([
  namedObject("TriedPattern", {
    ...asked,
    tried: z.int(),
    matched: z.int(),
    events: z.array(trial).meta({ description: "The matching entries: an event with several actions has several." }),
  }),
  namedObject("CountedPattern", {
    ...asked,
    matched: z.int().nullable().meta({ description: "The number of events; null if the rule is not about events." }),
    since: z.iso.datetime().meta({ description: "From when on they were counted." }),
    isWhole: z.boolean().meta({ description: "Whether that is all of the days: at most 5,000 events are looked at." }),
  }),
  namedObject("TriedEvent", { event: z.string(), rules: z.array(trial.extend({ rule: z.string() })) }),
]);

/** Events that a pattern is tried on at most. */
const maxTried = 500;
const usuallyTried = 100;

/** Days that a count looks back at most. */
const maxDays = 92;

const last = z.int().min(1).max(maxTried);
const days = z.int().min(1).max(maxDays);

const tryRules = route({
  method: "POST",
  path: "/v1/rules/try",
  who: managers,
  about: {
    summary: "Try a pattern on the last events, or every rule on one event",
    detail:
      '`{"pattern","last"}` or `{"card","last"}`: on the entries that the last events (100; 500 at most) put on the bus, or would ' +
      "put there if every event were announced. The same with `days` (92 at most): how many events of these days it matches. " +
      '`{"event"}`: every rule on the entries of one event. `why` gives each condition and whether it is met.',
    answer: { status: 200, is: "The matches, with reasons.", schema: trialAnswer },
    example: { body: { pattern: examplePattern, last: 100 } },
  },
  asks: {
    body: z.union([
      z
        .strictObject({ ...matching, last: last.exactOptional(), days: days.exactOptional() })
        .refine(isOneOfBoth, oneOfBoth),
      z.strictObject({ event: z.string().meta({ example: exampleIds.event }) }),
    ]),
  },
  async answer({ body }, deps) {
    const rules = rulesOf(deps);
    if ("event" in body) {
      return Response.json({ event: body.event, rules: await rules.tryRules(await findEvent(body.event, deps)) });
    }
    const wanted = await askedPattern(body, deps);
    const warning = rules.warningOf(wanted.pattern);
    const shown = { pattern: wanted.pattern, card: wanted.card ?? { kind: "own" }, ...omitAbsent({ warning }) };
    const { days: asked, last: limit = usuallyTried } = body;
    if (asked !== undefined) return Response.json({ ...shown, ...(await toldInDays(wanted, asked, rules, deps)) });
    const { items } = await deps.events.list({}, { limit, cursor: null });
    const events = await rules.tryPattern(wanted.pattern, items);
    // An event with several actions has an entry of each: events are counted, and each of them once.
    const matched = new Set(events.filter(({ matches }) => matches).map(({ event }) => event));
    return Response.json({ ...shown, tried: items.length, matched: matched.size, events });
  },
});

const others = { 404: "There is no such rule; on AWS, rules are on the EventBridge bus." };
const changing = {
  ...others,
  409: "rules.json cannot be read.",
  412: "The file was changed since: read it again.",
  428: "`If-Match` is missing: send the `etag` of `GET /v1/rules`.",
};

const ruleName = z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores");

const listRules = route({
  method: "GET",
  path: "/v1/rules",
  who: managers,
  about: {
    summary: "List the rules of the bus",
    detail:
      "On one machine. Values of headers and secrets are never given, and a read key gets only the host of a webhook's URL. " +
      "A key that is limited to boxes gets no rules: they may name other boxes and persons.",
    answer: {
      status: 200,
      is: "The rules, the unusable ones with the reason, and the tag for changes.",
      schema: z.object({
        etag: z.string(),
        rules: z.array(shownRule),
        faults: z.array(z.object({ rule: z.string().nullable(), line: z.int(), column: z.int(), reason: z.string() })),
      }),
    },
    others,
  },
  async answer({ caller }, deps) {
    const { version, rules, faults } = await rulesOf(deps).read();
    const isWriter = caller.isAdministrator || caller.account !== null;
    const visibleRules = isWriter ? rules : rules.map(toldToReaders);
    return Response.json({ etag: tagOf(version, deps), rules: await shownRules(visibleRules, deps), faults });
  },
});

const wish = z
  .strictObject({
    ...matching,
    target: sentObject("Target", {
      url: z.string().max(2048).meta({ description: "Empty for the usual one of Slack's bots and of Telegram." }),
      headers: z.record(z.string().max(256), z.string().max(4096).nullable()).exactOptional(),
      secret: z.string().min(1).max(1024).nullable().exactOptional(),
      secrets: z.array(z.string().min(1).max(1024)).min(1).max(2).nullable().exactOptional(),
      allowPrivate: z.boolean().exactOptional(),
      type: channel.nullable().exactOptional(),
      to: z.string().max(1024).nullable().exactOptional(),
      template: z.string().max(2000).nullable().exactOptional(),
      cooldownSeconds: z.int().min(0).max(ruleLimits.cooldownSeconds).nullable().exactOptional(),
      cooldownPer: cooldownPer.nullable().exactOptional(),
      quiet: quiet.nullable().exactOptional(),
    }),
    maxAgeSeconds: z.int().min(1).max(ruleLimits.maxAgeSeconds).nullable().exactOptional(),
    isOn: z.boolean().exactOptional(),
  })
  .refine(isOneOfBoth, oneOfBoth)
  .meta({ id: "Rule" });

const putRule = route({
  method: "PUT",
  path: "/v1/rules/:name",
  who: managersAlone,
  about: {
    summary: "Write a rule",
    detail:
      "With `If-Match`, the `etag` of the list. A `card` makes the pattern, and its `notAgain` sets the cooldown of an alert. Members of " +
      "`target`, `maxAgeSeconds` and `isOn` that are absent stay; null as the value of a header keeps it if the host stays the same, " +
      "and otherwise removes the header. A `secret` takes the place of `secrets`, and the other way round. With another `type`, or " +
      "null for a webhook, nothing of the target before stays.",
    answer: { status: 200, is: "The rule as it is now.", schema: shownRule },
    others: changing,
    example: {
      path: { name: exampleIds.rule },
      headers: { "if-match": exampleRuleTag },
      body: { pattern: examplePattern, target: { url: "https://desk.example/hooks/gatepost" } },
    },
  },
  asks: { path: z.object({ name: ruleName }), body: wish },
  audits: { action: "rule-changed", about: ({ path: { name } }) => ({ rule: name, as: "written" }) },
  async answer({ path: { name }, body, headers, caller }, deps) {
    const rules = rulesOf(deps);
    const version = await matchedVersion(headers, deps);
    const { target, maxAgeSeconds, isOn } = body;
    const wanted = await askedPattern(body, deps);
    const { notAgain } = wanted;
    const repeats = notAgain === null ? {} : { cooldownSeconds: notAgain.seconds, cooldownPer: notAgain.per };
    const pattern = patternToWrite(
      wanted,
      (await rules.read()).rules.find((rule) => rule.name === name),
    );
    const asks = { pattern, target: { ...target, ...repeats }, maxAgeSeconds, isOn, by: caller.id };
    const outcome = await rules.put(name, asks, version);
    if (outcome === "outdated") throw outdated();
    deps.log.info("rule written", { rule: name });
    const written = (await rules.read()).rules.filter((rule) => rule.name === name);
    return Response.json((await shownRules(written, deps))[0]);
  },
});

const removeRule = route({
  method: "DELETE",
  path: "/v1/rules/:name",
  who: managersAlone,
  about: {
    summary: "Remove a rule",
    detail: "With `If-Match`, the `etag` of the list. Its waiting entries become dead letters.",
    answer: { status: 204, is: "It is removed." },
    others: changing,
    example: { path: { name: exampleIds.rule }, headers: { "if-match": exampleRuleTag } },
  },
  asks: { path: z.object({ name: ruleName }) },
  audits: { action: "rule-changed", about: ({ path: { name } }) => ({ rule: name, as: "removed" }) },
  async answer({ path: { name }, headers }, deps) {
    const outcome = await rulesOf(deps).remove(name, await matchedVersion(headers, deps));
    if (outcome === "outdated") throw outdated();
    if (outcome === "unknown") throw noSuchRule();
    deps.log.info("rule removed", { rule: name });
    return new Response(null, { status: 204 });
  },
});

const pingRule = route({
  method: "POST",
  path: "/v1/rules/:name/ping",
  who: managersAlone,
  about: {
    summary: "Send a test to the target of a rule",
    detail: 'Sent once and at once: an entry with the detail-type "Gatepost Test", which asks for no action.',
    answer: {
      status: 200,
      is: "The target's answer; `status` is null if none was received.",
      schema: z.object({ status: z.int().nullable(), ms: z.int(), reason: z.string().nullable() }),
    },
    others,
    example: { path: { name: exampleIds.rule } },
  },
  asks: { path: z.object({ name: ruleName }) },
  audits: { action: "rule-changed", about: ({ path: { name } }) => ({ rule: name, as: "tested" }) },
  async answer({ path: { name } }, deps) {
    const answer = await rulesOf(deps).ping(name);
    if (answer === null) throw noSuchRule();
    return Response.json(answer);
  },
});

const previewRule = route({
  method: "POST",
  path: "/v1/rules/preview",
  who: managers,
  about: {
    summary: "See the alert that people would get",
    detail:
      "About an event, a box that is silent or recovered, or the target of a rule (`box`) that fails. Nothing is sent.",
    answer: {
      status: 200,
      is: "The text of the alert. A link shows its words alone.",
      schema: z.object({
        title: z.string(),
        lines: z.array(z.array(z.object({ text: z.string(), isLink: z.boolean() }))),
        picture: z.enum(["sent", "linked"]).nullable(),
      }),
    },
    example: { body: { type: "wecom", about: "passing", event: exampleIds.event } },
  },
  asks: {
    body: z.strictObject({
      type: channel,
      about: z.enum(previewed),
      event: z.string().exactOptional().meta({ example: exampleIds.event }),
      box: z.string().max(256).default(""),
      rule: ruleName.default("rule"),
      url: z.string().max(2048).default(""),
      template: z.string().max(2000).nullable().default(null),
      zone: z.string().max(64).nullable().default(null),
    }),
  },
  async answer({ body: { type, event: id, ...asked } }, deps) {
    const rules = rulesOf(deps);
    const event = id === undefined ? null : await findEvent(id, deps);
    return Response.json(rules.preview({ ...asked, channel: type, event, now: deps.clock() }));
  },
});

const resendRule = route({
  method: "POST",
  path: "/v1/rules/:name/resend",
  who: managersAlone,
  about: {
    summary: "Send a rule what it has not had",
    detail:
      "On one machine: a job puts the entries of passings from `from` until `to` (now by default) behind the live ones of the " +
      "rule, the oldest first, with their ids and `detail.repeat`. They are late. Of actions only those that are open are sent. " +
      "The job lasts until none of its entries waits. A rule that is changed, switched off or removed, or whose target takes " +
      "nothing, ends it, as `DELETE /v1/jobs/{id}` does: then the rest is taken back. With `dryRun` entries are only counted.",
    answer: { status: 202, is: "The job.", schema: jobAnswer },
    others: { ...others, 409: "The rule is off, its target takes nothing, or a resend of it has not ended." },
    example: {
      path: { name: exampleIds.rule },
      body: { from: "2026-11-05T00:00:00Z", to: "2026-11-05T06:00:00Z", dryRun: true },
    },
  },
  asks: {
    path: z.object({ name: ruleName }),
    body: z.strictObject({
      from: moment,
      to: moment.meta({ description: "The time before which they must be; now by default." }).exactOptional(),
      dryRun: z.boolean().default(false),
    }),
  },
  audits: {
    action: "rule-changed",
    about: ({ path: { name }, body }) => ({ rule: name, as: body.dryRun ? "resend-tried" : "resent" }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ job: id })),
  },
  async answer({ path: { name }, body, caller }, deps) {
    const now = deps.clock();
    const { from, to = now, dryRun } = body;
    if (from >= to) throw new GatepostError("bad-request", "from: must be before to");
    const version = await rulesOf(deps).versionOf(name, { mayBeOff: dryRun });
    const open = (await deps.jobs.store.unended()).find(
      ({ asked }) => asked.kind === "resend" && asked.rule === name && !asked.dryRun,
    );
    if (open !== undefined && !dryRun) {
      throw new GatepostError("conflict", `${open.id} sends this rule entries again; stop it first, or wait`);
    }
    const asked = { kind: "resend" as const, rule: name, version, from, to: Math.min(to, now), dryRun };
    const job = await createStored(newJobId(), asked, { caller, deps });
    return Response.json(await shownJob(job, deps), { status: 202 });
  },
});

export const ruleRoutes = [listRules, tryRules, previewRule, putRule, removeRule, pingRule, resendRule];
