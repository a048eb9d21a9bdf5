import type { Outcome } from "@gatepost/core/arrivals";
import type { Answer } from "@gatepost/core/errors";
import type { EventType } from "@gatepost/core/paths";
import { type Admission, authenticate } from "../auth/authenticate.ts";
import type { ReceiverPorts } from "../ports.ts";
import { answerAfter, refusalOf } from "./answers.ts";
import { type Brought, broughtBy, uncached, withFirstReceipt } from "./by-get.ts";
import { recordBody } from "./receive.ts";
import type { BoxRequest } from "./request.ts";
import { writeBoxStatus } from "./writes.ts";

export type Receiver = (request: BoxRequest) => Promise<Answer>;

/**
 * Answers whole requests of boxes. It never throws.
 *
 * @param takes the type of event that belongs here. Left out: any
 * @example
 * const receive = receiver(ports);
 * const { status, headers, body } = await receive({ ...requestHead(received), body: new Body(bytes) });
 */
export function receiver(ports: ReceiverPorts, takes: EventType | null = null): Receiver {
  return async (request) => {
    const keyless = ports.terminals?.keyless(request) ?? null;
    if (keyless !== null) return keyless;
    try {
      return await deliver(request, await authenticate(request, ports), ports, takes);
    } catch (error) {
      ports.refusals.noteError(error, request);
      return refusalOf(request, error, ports);
    }
  };
}

/**
 * Answers a request whose key was found already: a server that authenticates before it reads the body does not do it
 * again. Throws what `refusal` turns into an answer.
 */
export async function deliver(
  request: Pick<BoxRequest, "method" | "headers" | "body" | "address" | "recordUntil" | "form">,
  admission: Admission,
  ports: ReceiverPorts,
  takes: EventType | null = null,
): Promise<Answer> {
  const { method, body } = request;
  const hasBody = body.bytes.length > 0;
  const question = ports.terminals?.question({ method, path: admission.path, hasBody }) ?? null;
  if (question !== null) {
    const now = ports.clock();
    // That a terminal is there counts as a sign of its box.
    await writeBoxStatus({ box: admission.box, kind: "heartbeat", receivedAt: now, report: {} }, ports);
    return question(admission.box, now);
  }
  // The body may be taken away to be read.
  const toTable = ports.terminals?.answerTo(body.bytes, admission.path) ?? null;
  const brought = toTable === null ? broughtBy(request, ports.clock()) : request;
  if ("status" in brought) return uncached(brought);
  const path = ports.terminals?.keptPath(admission.path) ?? admission.path;
  const { address, form } = request;
  const isRelayed = form === undefined;
  const headers = await withFirstReceipt(brought, { box: admission.box, path, isRelayed }, ports);
  const outcomes = await recordDelivery({ ...brought, headers, address }, { ...admission, path }, ports, takes);
  const answer = toTable ?? answerAfter(outcomes);
  const told = { ...answer, headers: { ...answer.headers, "gatepost-outcome": outcomeText(outcomes) } };
  return method === "GET" ? uncached(told) : told;
}

/** Records a body within the limits of its key, and notes that it arrived. Throws as `recordBody`, and 429. */
export async function recordDelivery(
  brought: Brought & Pick<BoxRequest, "address">,
  admission: Admission,
  ports: ReceiverPorts,
  takes: EventType | null = null,
): Promise<Outcome[]> {
  const { length: bytes } = brought.body.bytes;
  const giveBack: (() => void)[] = [];
  const countBytes = (count: number) => void giveBack.push(admission.meter?.takeBytes(count) ?? (() => undefined));
  countBytes(bytes);
  try {
    const outcomes = await recordBody(brought, admission, ports, { countBytes, takes });
    admission.meter?.takeReports(outcomes.length);
    ports.arrivals?.note(admission.box, { path: admission.path, bytes, address: brought.address }, outcomes);
    return outcomes;
  } catch (error) {
    for (const give of giveBack) give();
    throw error;
  }
}

/** The names of outcomes in the header, in the order of a batch. */
const kinds = ["stored", "duplicate", "suppressed", "quarantined", "notice"] as const;

/**
 * The value of the header `Gatepost-Outcome`, which tells a person the outcome of a request. Boxes ignore it. A batch
 * has its counts.
 *
 * @example
 * outcomeText([{ event: { id: "evt_1", kind: "history", outcome: "created" }, quarantined: null }]); // "stored; id=evt_1"
 */
function outcomeText(outcomes: readonly Outcome[]): string {
  const [only, ...others] = outcomes;
  if (only !== undefined && others.length === 0) return textOfOne(only);
  const reports = outcomes.filter(({ isWholeBody }) => !isWholeBody).map(kindOf);
  const counts = kinds.map((kind) => ({ kind, count: reports.filter((one) => one === kind).length }));
  const named = counts.filter(({ count }) => count > 0).map(({ kind, count }) => `${kind}=${count}`);
  return ["batch", ...named].join("; ");
}

function textOfOne(one: Outcome): string {
  const kind = kindOf(one);
  if (one.event !== null) return `${kind}; id=${one.event.id}`;
  return one.quarantined === null ? kind : `${kind}; reason=${one.quarantined.reason}; id=${one.quarantined.id}`;
}

function kindOf({ event, isSuppressed, isNotice }: Outcome): (typeof kinds)[number] {
  if (event !== null) return event.outcome === "duplicate" ? "duplicate" : "stored";
  if (isSuppressed) return "suppressed";
  // Without a record, the report is kept with its whole batch.
  return isNotice ? "notice" : "quarantined";
}
