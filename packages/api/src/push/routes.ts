import { isOfNow } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import { contactAddress, pushKinds, pushLanguages, type Subscription } from "@gatepost/core/push";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { peopleAlone } from "../access/who.ts";
import { exampleIds } from "../openapi/examples.ts";
import { growingWords, namedObject, namedWords } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const pushKind = namedWords("PushKind", pushKinds);

const kinds = z
  .array(pushKind)
  .max(pushKinds.length)
  .transform((chosen) => [...new Set(chosen)])
  .meta({
    description:
      "`blacklist` and `strangers`: passings of them; `silence`: boxes that fall silent and are heard again; `rules`: rules " +
      "whose channel is the account.",
  });
const locked = z.boolean().meta({ description: "Whether names and faces are in notifications." });
const badge = z.boolean().meta({ description: "Whether the icon shows how many notifications wait." });
const language = namedWords("Language", pushLanguages);

const subscriptionAnswer = namedObject("Subscription", {
  id: z.string(),
  name: z.string().meta({ description: "The browser, as it names itself; empty if it did not." }),
  kinds: z.array(pushKind),
  locked,
  badge,
  language,
  lastAt: z.iso.datetime().nullable().meta({ description: "When its push service last took a notification." }),
});

const subscriptionPath = z.object({ id: z.string().meta({ description: "`sub_…`" }) });

const getPush = route({
  method: "GET",
  path: "/v1/push",
  who: peopleAlone,
  about: {
    summary: "Get what a browser needs for notifications",
    answer: {
      status: 200,
      is: "The public key of this Gatepost (VAPID), and the caller's own browsers.",
      schema: z.object({
        publicKey: z.string(),
        hasContact: z.boolean().meta({
          description: "Whether push services can reach the operator. If not, give `contact` with a subscription.",
        }),
        mine: z.array(subscriptionAnswer).meta({ description: "Without those that have ended with their session." }),
      }),
    },
  },
  async answer({ caller }, { push }) {
    const [{ publicKey }, contact, mine] = await Promise.all([
      push.keys.read(),
      push.contact.read(),
      push.subscriptions.liveOf(personOf(caller).account),
    ]);
    return Response.json({ publicKey, hasContact: contact !== null, mine: mine.map(shown) });
  },
});

const subscribe = route({
  method: "POST",
  path: "/v1/push/subscriptions",
  who: peopleAlone,
  about: {
    summary: "Have a browser notified",
    detail:
      "`subscription` is what `pushManager.subscribe` gave. A browser that is subscribed again belongs to the caller alone, " +
      "with what it asks for now. It ends with its session, but not because that has lasted for long. Content is encrypted " +
      "for the browser (RFC 8291).",
    answer: { status: 201, is: "It gets notifications.", schema: subscriptionAnswer },
    others: { 409: "The caller has ten browsers already, or all have 1,000." },
    example: {
      body: {
        subscription: {
          endpoint: "https://push.example/send/f1a9",
          keys: {
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            auth: "BTBZMqHH6r4Tts7J_aSIgg",
          },
        },
        kinds: ["blacklist", "strangers"],
      },
    },
  },
  asks: {
    body: z.strictObject({
      subscription: z.object({
        endpoint: z.string().max(1024).meta({ description: "An https address of a public host." }),
        keys: z.object({ p256dh: z.string().max(200), auth: z.string().max(100) }),
      }),
      kinds,
      locked: locked.default(false),
      badge: badge.default(true),
      language: language.default("en"),
      contact: z
        .string()
        .max(300)
        .refine((text) => contactAddress(text) !== null, "must be an e-mail address that can exist, as it@example.com")
        .meta({
          description:
            "The e-mail address by which push services can reach the operator: Apple demands one. The first is kept for all " +
            "browsers; `--contact`, or on AWS the setting `alarms`, replaces it.",
        })
        .exactOptional(),
    }),
  },
  audits: { action: "setting-changed", about: () => ({ setting: "notifications", subscribed: true }) },
  async refuses({ body }, { push }) {
    const fault = push.sender.faultOf(body.subscription);
    if (fault !== null) throw new GatepostError("bad-request", `subscription.${fault}`);
  },
  async answer({ body: { subscription, contact, ...choice }, caller, headers }, { push, log }) {
    const { account, session } = personOf(caller);
    const by = { account, session: session.id, name: headers.get("user-agent") };
    const made = await push.subscriptions.put(subscription, choice, by);
    const address = contactAddress(contact ?? "");
    if (address !== null) await push.contact.keep(address);
    log.info("browser subscribed to notifications", { subscription: made.id, kinds: choice.kinds });
    return Response.json(shown(made), { status: 201 });
  },
});

const change = route({
  method: "PATCH",
  path: "/v1/push/subscriptions/:id",
  who: peopleAlone,
  about: {
    summary: "Change what a browser is notified of",
    answer: { status: 200, is: "As it is now.", schema: subscriptionAnswer },
    example: { path: { id: exampleIds.subscription }, body: { kinds: ["blacklist", "strangers"] } },
  },
  asks: {
    path: subscriptionPath,
    body: z
      .strictObject({
        kinds: kinds.exactOptional(),
        locked: locked.exactOptional(),
        badge: badge.exactOptional(),
        language: language.exactOptional(),
      })
      .refine((asked) => Object.keys(asked).length > 0, "give a member to change"),
  },
  audits: {
    action: "setting-changed",
    about: ({ body }) => ({ setting: "notifications", members: Object.keys(body) }),
  },
  async answer({ path: { id }, body, caller }, { push }) {
    await ownOf(caller, id, push);
    const changed = await push.subscriptions.change(id, caller.id, body);
    if (changed === null) throw noSuchBrowser();
    return Response.json(shown(changed));
  },
});

const unsubscribe = route({
  method: "DELETE",
  path: "/v1/push/subscriptions/:id",
  who: peopleAlone,
  about: {
    summary: "Have a browser notified no more",
    answer: { status: 204, is: "It gets no further notification." },
    example: { path: { id: exampleIds.subscription } },
  },
  asks: { path: subscriptionPath },
  audits: { action: "setting-changed", about: () => ({ setting: "notifications", subscribed: false }) },
  async answer({ path: { id }, caller }, { push }) {
    if (!(await push.subscriptions.remove(id, caller.id))) throw noSuchBrowser();
    return new Response(null, { status: 204 });
  },
});

const test = route({
  method: "POST",
  path: "/v1/push/subscriptions/:id/test",
  who: peopleAlone,
  about: {
    summary: "Send a test to a browser",
    answer: {
      status: 200,
      is:
        "Whether the push service took it, and its answer. `why`: `no way out` if it was not reached, `gone` if the browser " +
        "has no subscription any more, `too many` after six notifications in a minute.",
      schema: z.object({
        sent: z.boolean(),
        status: z.int().nullable(),
        ms: z.int(),
        why: growingWords(["no way out", "refused", "gone", "too many"]).nullable(),
        reason: z.string().nullable().meta({ description: "The words of the push service, 200 characters at most." }),
      }),
    },
    example: { path: { id: exampleIds.subscription } },
  },
  asks: { path: subscriptionPath },
  audits: { action: "setting-changed", about: () => ({ setting: "notifications", tested: true }) },
  async answer({ path: { id }, caller }, { push }) {
    return Response.json(await push.sender.test(await ownOf(caller, id, push)));
  },
});

export const pushRoutes = [getPush, subscribe, change, unsubscribe, test];

function noSuchBrowser(): GatepostError {
  return new GatepostError("not-found", "there is no such browser of yours; list them");
}

/** A subscription of the caller. Throws 404 if there is none, or the session that asked for it has ended. */
async function ownOf(caller: Caller, id: string, { subscriptions }: ApiPorts["push"]): Promise<Subscription> {
  const { account } = personOf(caller);
  const found = await subscriptions.get(id);
  if (found?.account !== account.id || !isOfNow(account, found)) throw noSuchBrowser();
  return found;
}

function personOf({ account, session }: Caller) {
  if (account !== null && session !== null) return { account, session };
  throw new GatepostError("forbidden", "notifications are for people who sign in; a key has no browser");
}

function shown({ id, name, kinds: chosen, locked: isLocked, badge: isShown, language: by, lastAt }: Subscription) {
  return {
    id,
    name,
    kinds: chosen,
    locked: isLocked,
    badge: isShown,
    language: by,
    lastAt: lastAt === null ? null : new Date(lastAt).toISOString(),
  };
}
