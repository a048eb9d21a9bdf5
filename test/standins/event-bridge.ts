import { randomUUID } from "node:crypto";
import * as z from "zod";
import { maxEntryBytes } from "./bus-entries.ts";
import { bodyOf, type Listening, listen } from "./listen.ts";

/** How the bus behaves: as it should, or in one of the ways in which a call fails. */
type BusMode = "well" | "partial" | "throttled" | "silent" | "garbage";

const entrySchema = z.strictObject({
  EventBusName: z.string().min(1),
  Source: z.string().min(1),
  DetailType: z.string().min(1).max(128),
  Detail: z
    .string()
    .refine((text) => Buffer.byteLength(text) < maxEntryBytes)
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.looseObject({})),
  Time: z.number(),
  Resources: z.array(z.string()),
});

/** What PutEvents takes: ten entries a call at most. */
const callSchema = z.strictObject({ Entries: z.array(entrySchema).min(1).max(10) });

type TakenEntry = z.output<typeof entrySchema>;

export interface EventBridge extends Listening {
  mode: BusMode;
  /** The accepted entries, a list for each call. */
  calls: TakenEntry[][];
}

/** A stand-in for PutEvents of EventBridge, which fails on demand. In mode `partial` the first entry of a call is not taken. */
export async function startEventBridge(): Promise<EventBridge> {
  const bus: EventBridge = { url: "", mode: "well", calls: [], close: async () => {} };
  const server = await listen(async (incoming, outgoing) => {
    const body = (await bodyOf(incoming)).toString();
    if (bus.mode === "silent") return;
    const { status, answer } = answerTo(body, incoming.headers["x-amz-target"], bus);
    outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(answer);
  });
  return Object.assign(bus, server);
}

function answerTo(body: string, target: unknown, bus: EventBridge): { status: number; answer: string } {
  if (bus.mode === "garbage") return { status: 200, answer: "{}" };
  if (bus.mode === "throttled") return failure("ThrottlingException");
  const call = callSchema.safeParse(JSON.parse(body));
  if (!call.success || target !== "AWSEvents.PutEvents") return failure("ValidationException");
  const { Entries } = call.data;
  const taken = bus.mode === "partial" ? Entries.slice(1) : Entries;
  bus.calls.push(taken);
  const results = Entries.map((entry) =>
    taken.includes(entry)
      ? { EventId: randomUUID() }
      : { ErrorCode: "InternalFailure", ErrorMessage: "this entry was not taken" },
  );
  const answer = { FailedEntryCount: Entries.length - taken.length, Entries: results };
  return { status: 200, answer: JSON.stringify(answer) };
}

function failure(type: string) {
  return { status: 400, answer: JSON.stringify({ __type: type, message: type }) };
}
