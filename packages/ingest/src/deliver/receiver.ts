import { type Admission, authenticate } from "../auth/authenticate.ts";
import type { ReceiverPorts } from "../ports/ports.ts";
import { type Answer, acknowledged, probeResponse, refusal } from "./answer.ts";
import { outcomeText } from "./outcome-text.ts";
import { receive } from "./receive.ts";
import type { BoxRequest } from "./request.ts";

export type Receiver = (request: BoxRequest) => Promise<Answer>;

/**
 * Answers whole requests of boxes. It never throws.
 *
 * @example
 * const receive = receiver(ports);
 * const { status, headers, body } = await receive({ ...requestHead(received), body: new Body(bytes) });
 */
export function receiver(ports: ReceiverPorts): Receiver {
  return async (request) => {
    try {
      return await deliver(request, await authenticate(request, ports), ports);
    } catch (error) {
      ports.refusals.noteError(error, request);
      return refusal(error, ports);
    }
  };
}

/**
 * Answers a request whose key was found already: a server that authenticates before it reads the body does not do it
 * again. Throws what `refusal` turns into an answer.
 */
export async function deliver(
  request: Pick<BoxRequest, "method" | "headers" | "body" | "address" | "recordUntil">,
  admission: Admission,
  ports: ReceiverPorts,
): Promise<Answer> {
  const probe = probeResponse(request.method);
  if (probe !== null) return probe;
  const { address, body } = request;
  const { length: bytes } = body.bytes;
  const giveBack: (() => void)[] = [];
  const countBytes = (count: number) => void giveBack.push(admission.meter?.takeBytes(count) ?? (() => undefined));
  countBytes(bytes);
  try {
    const outcomes = await receive(request, admission, ports, countBytes);
    admission.meter?.takeReports(outcomes.length);
    ports.arrivals?.note(admission.box, { path: admission.path, bytes, address }, outcomes);
    return { ...acknowledged, headers: { ...acknowledged.headers, "gatepost-outcome": outcomeText(outcomes) } };
  } catch (error) {
    for (const give of giveBack) give();
    throw error;
  }
}
