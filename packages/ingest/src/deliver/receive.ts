import type { Admission } from "../auth/authenticate.ts";
import { holdsToken, masked, maskedBytes } from "../auth/token.ts";
import { Body } from "../decode/body.ts";
import { decode } from "../decode/decode.ts";
import type { Ports } from "../ports/ports.ts";
import { type Origin, quarantine } from "./quarantine.ts";
import { type Outcome, recordBatch } from "./record.ts";
import type { BoxRequest } from "./request.ts";

/** How many reports of one batch are handled at the same time. */
const batchSize = 100;

/** Stores what a box delivered. Once it resolves, all of it is durable. */
export async function receive(
  request: Pick<BoxRequest, "headers" | "body">,
  { box, path, token }: Admission,
  deps: Ports,
): Promise<Outcome[]> {
  const { headers } = request;
  const body = token === null ? request.body : withoutToken(request.body, token);
  return recordBody(
    body,
    { box, path: masked(`/${path.join("/")}`), headers, receivedAt: deps.clock(), event: null },
    deps,
  );
}

/** Stores the events and quarantine records of a body. Returns one outcome for each report in it. */
export async function recordBody(body: Body, origin: Origin, deps: Ports): Promise<Outcome[]> {
  const decoded = decode(body, origin.headers);
  if ("unreadable" in decoded) {
    return [{ event: null, quarantined: await quarantine(body.bytes, decoded.unreadable, origin, null, deps) }];
  }
  const outcomes: Outcome[] = [];
  for (let next = 0; next < decoded.parts.length; next += batchSize) {
    const parts = decoded.parts.slice(next, next + batchSize);
    outcomes.push(...(await recordBatch(parts, origin, deps)));
  }
  return outcomes;
}

/** Masks the key in the body: a key is never stored, even where a sender wrote it into its report. */
function withoutToken(body: Body, token: string): Body {
  if (!holdsToken(body, token)) return body;
  return new Body(body.text === null ? maskedBytes(body.bytes) : masked(body.text));
}
