import { GatepostError } from "../errors/errors.ts";

/** A key has all live connections that it may have. */
export function keyIsFull(ofKey: number): GatepostError {
  const message = `this key has ${ofKey} live connections already; close one of them, or use another key`;
  return new GatepostError("too-many", message);
}
