import type { ShownBox } from "@gatepost/protocol";
import * as z from "zod";
import { arrivalsOf } from "../arrivals.ts";
import { flagsOfDay, isClockWrong } from "../box-clocks.ts";
import { allBoxes } from "../boxes.ts";
import type { Api } from "../client.ts";
import { needsHand } from "./needs-hand.ts";
import { clockSchema, countsSchema, roomSchema, type Status, shippingSchema } from "./status.ts";
import { subscribersOf } from "./subscribers.ts";

const meSchema = z.object({
  key: z.object({ scope: z.string() }),
  server: z.object({ runtime: z.string() }),
  room: roomSchema,
  clock: clockSchema.default(null),
  shipping: shippingSchema.default(null),
});

export async function readStatus(api: Api): Promise<Status> {
  const store = await storeOf(api);
  const { key, server, room, clock, shipping } = await api.ask("GET /v1/me", { answer: meSchema });
  const counts = await api.ask("GET /v1/counts", { answer: countsSchema });
  const subscribers = await subscribersOf(api, { ...server, ...key });
  const boxes = await allBoxes(api);
  const flags = await flagsOfDay(api);
  const [anyBox] = boxes;
  const isKnown = anyBox !== undefined && key.scope === "admin" && server.runtime === "one-machine";
  const of = (state: ShownBox["state"]) => boxes.filter((box) => box.state === state);
  const expected = of("silent").filter(({ silence }) => silence.isExpected).length;
  const facts = {
    ...{ store, server: api.url, room, clock, shipping, waiting: counts.actions, problems: counts.problems },
    boxes: {
      reporting: of("reports").length,
      silent: of("silent").length - expected,
      ...{ expected, new: of("new").length },
    },
    subscribers: subscribers && { rules: subscribers.rules, waiting: subscribers.waiting },
    tooLarge: tooLargeOf(boxes),
    wrongClocks: boxes.filter((box) => isClockWrong(box, flags)).map(({ id }) => id),
    sameSerials: sameSerialsOf(boxes),
    // They are of no box, and listed with the arrivals of each.
    wrongKeys: isKnown ? (await arrivalsOf(anyBox.id, api)).wrongKeys : null,
  };
  return { ...facts, needsHand: [...needsHand(facts, boxes), ...(subscribers?.needsHand ?? [])] };
}

async function storeOf(api: Api): Promise<string | null> {
  const answer = await api.get("/healthz");
  if (answer.ok) return null;
  const problem = z.object({ detail: z.string() }).safeParse(await answer.json());
  return problem.success ? problem.data.detail : `answered ${answer.status}`;
}

function sameSerialsOf(boxes: readonly ShownBox[]): Status["sameSerials"] {
  const said = boxes.flatMap(({ id, about: { serial } }) => (serial === null ? [] : [{ id, serial }]));
  const bySerial = [...Map.groupBy(said, ({ serial }) => serial)];
  return bySerial.flatMap(([serial, of]) => (of.length < 2 ? [] : [{ serial, boxes: of.map(({ id }) => id) }]));
}

function tooLargeOf(boxes: readonly ShownBox[]): number | null {
  const counted = boxes.flatMap(({ refused }) => refused?.["413"] ?? []);
  return counted.length < boxes.length ? null : counted.reduce((sum, count) => sum + count, 0);
}
