import { GatepostError } from "@gatepost/core/errors";
import type { Try } from "@gatepost/core/passwords";
import * as z from "zod";
import { hiddenAddress } from "../access/audited.ts";
import type { From } from "../access/caller.ts";
import type { ApiPorts } from "../ports.ts";

/** Whether a password is the one of a hash. Throws 429 while the account or the address has to wait. */
export async function tryPassword(
  password: string,
  { known, tried }: { known: string | null; tried: Try },
  { passwords, signInTries }: Pick<ApiPorts, "passwords" | "signInTries">,
): Promise<boolean> {
  await requireNoWait(tried, signInTries);
  const isRight = await passwords.verify(password, known);
  await (isRight ? signInTries.succeeded(tried) : signInTries.failed(tried));
  return isRight;
}

export async function requireNoWait(tried: Try, signInTries: ApiPorts["signInTries"]): Promise<void> {
  refuseWait(await signInTries.waitFor(tried));
}

/** Throws 429 if a try has to wait some seconds. */
export function refuseWait(retryAfter: number | null): void {
  if (retryAfter === null) return;
  throw new GatepostError("too-many", `too many failures; try again in ${retryAfter} s`, { retryAfter });
}

export const passwordText = z.string().min(1).max(1024);

/** Writes an entry of refused sign-ins; one an hour for an account. */
export async function noteRefused(by: string, { address }: From, { audit, cursorSecret }: ApiPorts): Promise<void> {
  const refused = { action: "sign-ins-refused", outcome: "refused", by, about: {} } as const;
  await audit.noteRarely(`refused ${by}`, { ...refused, from: hiddenAddress(address, cursorSecret) });
}
