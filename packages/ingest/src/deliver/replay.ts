import { Body } from "../decode/body.ts";
import type { Ports } from "../ports/ports.ts";
import type { QuarantineRecord } from "../ports/quarantine.ts";
import { recordBody } from "./receive.ts";
import type { Outcome } from "./record.ts";

/**
 * Takes a quarantined body through the way of a report again, as if it had come when it first did. Whatever is still not
 * understood is kept again under the id it has.
 */
export function replay({ body, ...origin }: QuarantineRecord, deps: Ports): Promise<Outcome[]> {
  return recordBody(new Body(Buffer.from(body)), origin, deps);
}
