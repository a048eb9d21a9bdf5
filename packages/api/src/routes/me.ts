import type { Shipping } from "@gatepost/core/health";
import { scopes } from "@gatepost/core/keys";
import { limits, minuteMs } from "@gatepost/protocol";
import * as z from "zod";
import packageJson from "../../package.json" with { type: "json" };
import type { Caller } from "../access/admit.ts";
import { hiddenAddress } from "../access/audited.ts";
import { noBody } from "../body.ts";
import { exampleMe } from "../openapi/examples.ts";
import type { ApiPorts } from "../ports.ts";
import { readers, route } from "../route.ts";

const meAnswer = z.object({
  key: z.object({
    id: z.string(),
    scope: z.enum(scopes),
    boxes: z.array(z.string()).exactOptional().meta({ description: "The boxes that it sees, if it is limited." }),
    site: z.string().exactOptional().meta({ description: "The site whose boxes these are." }),
    expiresAt: z.iso.datetime().exactOptional(),
  }),
  now: z.iso.datetime(),
  server: z.object({
    version: z.string(),
    runtime: z.enum(["one-machine", "aws"]),
    live: z.string().meta({ description: "The address of the live feed: a path of this server, or a whole address." }),
    rules: z.enum(["editable", "elsewhere"]),
    rangeFor: z.array(z.string()).meta({ description: "The filters of events that need `from` and `to` as well." }),
  }),
  limits: z.object({ bodyBytes: z.int(), pictureBytes: z.int(), textBytes: z.int(), nesting: z.int() }),
  retention: z.object({ eventDays: z.int(), quarantineDays: z.int() }),
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
  return { since: new Date(since).toISOString(), isFailing, isLate: now - since > lateAfterMs };
}

const getMe = route({
  method: "GET",
  path: "/v1/me",
  scopes: readers,
  about: {
    summary: "Get the key of the request, and the facts of the server",
    answer: { status: 200, is: "Both.", schema: meAnswer, example: exampleMe },
  },
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  async answer({ caller }, deps) {
    const { server, clock, rangeFor } = deps;
    await noteSignIn(caller, deps);
    const { runtime, live, rules, bodyBytes } = server;
    const { id, scope, boxes, site, expiresAt } = caller.key;
    const [retention, room, doubt] = await Promise.all([server.retention(), server.room(), server.clockDoubt()]);
    const shipping = await server.shipping();
    return Response.json({
      key: {
        ...{ id, scope },
        ...(boxes === undefined ? {} : { boxes }),
        ...(site === undefined ? {} : { site }),
        ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
      },
      now: new Date(clock()).toISOString(),
      server: { version: packageJson.version, runtime, live, rules, rangeFor: [...rangeFor] },
      limits: { bodyBytes, pictureBytes: limits.pictureBytes, textBytes: limits.textBytes, nesting: limits.nesting },
      retention,
      room,
      clock: doubt === null ? null : { is: doubt.is, noted: new Date(doubt.noted).toISOString() },
      shipping: shipping === null ? null : inAnswer(shipping, clock()),
    });
  },
});

/** Notes a sign-in. If that fails, the key still works: otherwise no one could look at a full disk. */
async function noteSignIn({ key, address }: Caller, { audit, cursorSecret, log }: ApiPorts): Promise<void> {
  try {
    await audit.noteSignIn({ by: key.id, from: hiddenAddress(address, cursorSecret) });
  } catch (cause) {
    log.error("could not write a sign-in to the audit log", { cause, key: key.id });
  }
}

export const meRoutes = [getMe];
