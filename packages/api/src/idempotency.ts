import { GatepostError } from "@gatepost/core/errors";
import { newActId } from "@gatepost/core/seen";
import type { Caller } from "./access/caller.ts";

/** The header `Idempotency-Key`; null without it. Throws 400 if it cannot be one. */
export function idempotencyKey(headers: Headers): string | null {
  const key = headers.get("idempotency-key");
  if (key !== null && !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new GatepostError("bad-request", "Idempotency-Key: must have 1 to 255 visible ASCII characters");
  }
  return key;
}

/**
 * The id of the record that a request makes. A caller that sends a request again with the same `Idempotency-Key` gets the
 * same id; without the key (`mayBeRepeat` is false) it is new. Throws 400 as `idempotencyKey`.
 *
 * @param asked the parts of the request that make it another one
 */
export function actOf(
  prefix: Parameters<typeof newActId>[0],
  asked: readonly string[],
  { caller, headers }: { caller: Caller; headers: Headers },
): { id: string; mayBeRepeat: boolean } {
  const key = idempotencyKey(headers);
  return { id: newActId(prefix, key === null ? null : [caller.id, key, ...asked]), mayBeRepeat: key !== null };
}
