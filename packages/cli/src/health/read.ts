import type { Box } from "@gatepost/client";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { allBoxes, alternatingSerialsOf, arrivalsOf, flagsOfDay, isClockWrong, sameSerialsOf } from "../boxes/about.ts";
import type { Api } from "../client.ts";
import { type Sources, sourcesOf } from "./sources.ts";
import {
  clockSchema,
  countsSchema,
  needsHand,
  roomSchema,
  type Status,
  shippingSchema,
  unknownActions,
  untoldSchema,
} from "./status.ts";
import { type Subscribers, subscribersOf } from "./subscribers.ts";

const meSchema = z.object({
  key: z.object({ scope: z.string() }),
  server: z.object({ runtime: z.string() }),
  room: roomSchema,
  clock: clockSchema.default(null),
  erasuresUntil: z.string().nullable().default(null),
  erasing: z.number().nullable().default(null),
  shipping: shippingSchema.default(null),
});

export async function readStatus(api: Api): Promise<Status> {
  const { store, concerns } = await healthOf(api);
  const me = await api.ask("GET /v1/me", { answer: meSchema });
  const counts = await api.ask("GET /v1/counts", { answer: countsSchema });
  const untold = await untoldIn(me.server, api);
  const subscribers = await subscribersOf(api, me.server);
  const found = await sourcesOf(api, me);
  const boxes = await allBoxes(api);
  const flags = await flagsOfDay(api);
  const facts = {
    store,
    server: api.url,
    publicUrl: api.url && api.publicUrl,
    room: me.room,
    clock: me.clock,
    shipping: me.shipping,
    erasuresUntil: me.erasuresUntil,
    erasing: me.erasing,
    waiting: counts.actions,
    untold,
    problems: counts.problems,
    boxes: countedByState(boxes),
    subscribers: subscribers && { rules: subscribers.rules, waiting: subscribers.waiting },
    sources: found?.sources ?? null,
    tooLarge: tooLargeOf(boxes),
    wrongClocks: boxes.filter((box) => isClockWrong(box, flags)).map(({ id }) => id),
    sameSerials: sameSerialsOf(boxes),
    alternatingSerials: alternatingSerialsOf(boxes),
    ...(await refusedOf(me, boxes, api)),
  };
  const hands = [
    ...needsHand(facts, boxes),
    ...unknownActions(flags, Date.now()),
    ...concerns.filter((one) => !isToldBelow(one, { subscribers, found })),
    ...(subscribers?.needsHand ?? []),
    ...(found?.needsHand ?? []),
  ];
  return { ...facts, needsHand: hands };
}

/** Whether a concern of the server is named again, with what it is about. */
function isToldBelow(
  concern: string,
  { subscribers, found }: { subscribers: Subscribers | null; found: Sources | null },
): boolean {
  if (concern.startsWith("targets that take nothing")) return (subscribers?.rules ?? 0) > 0;
  return found !== null && /^sources[. ]/.test(concern);
}

/** Null on AWS: queues keep announcements there for their subscribers. */
async function untoldIn({ runtime }: { runtime: string }, api: Api): Promise<Status["untold"]> {
  if (runtime !== "one-machine") return null;
  const query = { state: "announced", told: "false" } as const;
  return api.ask("GET /v1/actions/count", { query, answer: untoldSchema });
}

function countedByState(boxes: readonly Box[]): Status["boxes"] {
  const inState = (state: Box["state"]) => boxes.filter((box) => box.state === state);
  const silent = inState("silent");
  const expected = silent.filter(({ silence }) => silence.isExpected).length;
  const reporting = inState("reports").length;
  return { reporting, silent: silent.length - expected, expected, new: inState("new").length };
}

/** Refusals without a key belong to no box: the API lists them with the arrivals of any box. */
async function refusedOf(
  { key, server }: z.output<typeof meSchema>,
  [anyBox]: readonly Box[],
  api: Api,
): Promise<Pick<Status, "wrongKeys" | "refusedConnections">> {
  const isTold = key.scope === "admin" && server.runtime === "one-machine";
  if (!isTold || anyBox === undefined) return { wrongKeys: null, refusedConnections: null };
  const { wrongKeys, refusedConnections } = await arrivalsOf(anyBox.id, api);
  return { wrongKeys, refusedConnections };
}

const healthSchema = z.object({ detail: z.string().exactOptional(), reasons: z.array(z.string()).default([]) });

/** Why nothing can be stored, or null, and all other concerns for a person. */
async function healthOf(api: Api): Promise<{ store: string | null; concerns: string[] }> {
  const answer = await api.get("/healthz");
  const health = healthSchema.safeParse(jsonIn(await answer.text())).data;
  const store = answer.ok ? null : (health?.detail ?? `answered ${answer.status}`);
  return { store, concerns: health?.reasons ?? [] };
}

function tooLargeOf(boxes: readonly Box[]): number | null {
  const counted = boxes.flatMap(({ refused }) => refused?.["413"] ?? []);
  return counted.length < boxes.length ? null : counted.reduce((sum, count) => sum + count, 0);
}
