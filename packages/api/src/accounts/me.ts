import { roles, type Session } from "@gatepost/core/accounts";
import type { Shipping } from "@gatepost/core/health";
import { type Key, scopes } from "@gatepost/core/keys";
import { instant, instantOrNull, limits, minuteMs, omitAbsent } from "@gatepost/protocol";
import * as z from "zod";
import packageJson from "../../package.json" with { type: "json" };
import type { Caller } from "../access/caller.ts";
import { noteSignIn } from "../access/sign-in.ts";
import { guardsAndSettlers } from "../access/who.ts";
import { growingWords, namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { needOf } from "./factors.ts";

const meAnswer = namedObject("Me", {
  key: z
    .object({
      id: z.string(),
      scope: z.enum(scopes),
      note: z.string().exactOptional(),
      people: z.literal(true).exactOptional().meta({ description: "It may read people, presence and hours." }),
      boxes: z.array(z.string()).exactOptional().meta({ description: "The boxes that it sees, if it is limited." }),
      site: z.string().exactOptional().meta({ description: "The site whose boxes these are." }),
      expiresAt: z.iso.datetime().exactOptional(),
    })
    .nullable()
    .meta({ description: "Null for a person who has signed in. Its id is `setup` for the user of a first link." }),
  account: z
    .object({
      id: z.string(),
      name: z.string().nullable(),
      email: z.string().nullable(),
      role: z.enum(roles),
      sites: z.array(z.string()).nullable(),
      boxes: z.array(z.string()).nullable(),
      with: growingWords(["company", "password", "passkey"]),
      factorUntil: z.iso
        .datetime()
        .nullable()
        .meta({ description: "Until when the person has to add a second factor; null: none is missing." }),
    })
    .nullable()
    .meta({ description: "Null for a key. `sites` and `boxes` null: every box." }),
  administrators: z.array(z.string()).meta({ description: "The names of up to five administrators." }),
  now: z.iso.datetime(),
  server: z.object({
    version: z.string(),
    runtime: z.enum(["one-machine", "aws"]),
    feed: z
      .enum(["waits", "polls"])
      .meta({ description: "Whether a request for the feed of changes waits for one, or clients ask again." }),
    rules: z.enum(["editable", "elsewhere"]),
    people: z.boolean().meta({ description: "Whether people, presence and hours are switched on." }),
    rangeFor: z.array(z.string()).meta({ description: "The filters of events that need `from` and `to` as well." }),
  }),
  reached: z
    .object({ publicUrl: z.string().nullable(), host: z.string().nullable(), isHttps: z.boolean(), from: z.string() })
    .meta({
      description:
        "How the request reached the server: the public address that is set, the host that the request names, whether it counts " +
        "as https, and the address of the client, as far as proxies are trusted.",
    }),
  limits: z.object({ bodyBytes: z.int(), pictureBytes: z.int(), textBytes: z.int(), nesting: z.int() }),
  retention: z.object({ eventDays: z.int(), quarantineDays: z.int(), sceneDays: z.int().nullable() }),
  room: z
    .object({ usedBytes: z.int(), ofBytes: z.int() })
    .nullable()
    .meta({ description: "Of the disk with the data folder; null if there is none." }),
  clock: z
    .object({ is: z.enum(["ahead", "behind"]), noted: z.iso.datetime() })
    .nullable()
    .meta({
      description:
        "Given if the clock of the machine is more than seven days ahead of the last time that it gave while it served, or more than a " +
        "day behind; `noted` is that last time. While it is ahead, nothing expires for 24 hours of serving.",
    }),
  erasuresUntil: z.iso
    .datetime()
    .nullable()
    .meta({
      description:
        "Given after a step ahead of the machine's clock, for up to a day of serving: an erasure keeps out reports of passings up " +
        "to this time alone.",
    }),
  erasing: z
    .int()
    .nullable()
    .meta({ description: "How many erasures of people have not ended; null if the caller is no administrator." }),
  shipping: z
    .object({ since: z.iso.datetime(), isFailing: z.boolean(), isLate: z.boolean() })
    .nullable()
    .meta({
      description:
        "Given if the server ships to a bucket: when everything had been shipped, or else since when it tries; whether " +
        "the last try failed; and whether that is more than 15 minutes ago.",
    }),
});

/** ms without shipping after which it is late. */
const lateAfterMs = 15 * minuteMs;

function inAnswer({ since, isFailing }: Shipping, now: number) {
  return { since: instant(since), isFailing, isLate: now - since > lateAfterMs };
}

const getMe = route({
  method: "GET",
  path: "/v1/me",
  who: guardsAndSettlers,
  about: {
    summary: "Get the key of the request, and the facts of the server",
    answer: { status: 200, is: "Both.", schema: meAnswer },
  },
  async answer({ caller, headers }, deps) {
    const { server, clock, rangeFor } = deps;
    if (caller.session === null) await noteSignIn({ by: caller.id, with: "key", from: caller }, deps);
    const { runtime, rules, bodyBytes } = server;
    const [retention, room, doubt] = await Promise.all([server.retention(), server.room(), server.clockDoubt()]);
    const [shipping, { isOn }] = await Promise.all([server.shipping(), deps.peopleSettings.read()]);
    const now = clock();
    const covered = deps.eraser.coversUntil(now);
    return Response.json({
      key: caller.key && shownKey(caller.key),
      account: caller.session === null ? null : shownAccount(caller.session, (await needOf(caller, deps)).until),
      administrators: await deps.accounts.administratorNames(),
      now: instant(now),
      server: {
        version: packageJson.version,
        runtime,
        feed: deps.feedWaits === null ? "polls" : "waits",
        rules,
        people: isOn,
        rangeFor: [...rangeFor],
      },
      reached: reachedBy(caller, headers),
      limits: { bodyBytes, pictureBytes: limits.pictureBytes, textBytes: limits.textBytes, nesting: limits.nesting },
      retention,
      room,
      erasuresUntil: now - covered > minuteMs ? instant(covered) : null,
      erasing: caller.isAdministrator ? await erasuresUnderWay(deps) : null,
      clock: doubt === null ? null : { is: doubt.is, noted: instant(doubt.noted) },
      shipping: shipping === null ? null : inAnswer(shipping, now),
    });
  },
});

async function erasuresUnderWay({ jobs }: Pick<ApiPorts, "jobs">): Promise<number> {
  return (await jobs.store.unended()).filter(({ asked }) => asked.kind === "erase").length;
}

function reachedBy({ origin, basePath, isHttps, address }: Caller, headers: Headers) {
  return { publicUrl: origin && origin + basePath, host: headers.get("host"), isHttps, from: address };
}

function shownKey({ id, scope, note, people, boxes, site, expiresAt }: Key) {
  return { id, scope, note, people, boxes, site, ...omitAbsent({ expiresAt: instantOrNull(expiresAt) }) };
}

function shownAccount({ account, with: way }: Session, factorUntil: string | null) {
  if (account === null) return null;
  const { id, name, email, role, sites, boxes } = account;
  return { id, name, email, role, sites, boxes, with: way, factorUntil };
}

export const meRoutes = [getMe];
