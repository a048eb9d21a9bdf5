import { Body } from "../decode/body.ts";
import type { Ports } from "../ports/ports.ts";
import type { QuarantineRecord } from "../ports/quarantine.ts";
import { recordBody } from "./receive.ts";
import type { Outcome } from "./record.ts";

/**
 * Handles a quarantined body again, as if it had just come at its original time. What is still not understood stays in
 * quarantine under the same id.
 */
export function replay({ body, ...origin }: QuarantineRecord, deps: Ports): Promise<Outcome[]> {
  return recordBody(new Body(Buffer.from(body)), origin, deps);
}
