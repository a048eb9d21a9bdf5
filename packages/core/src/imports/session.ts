import { createHmac, timingSafeEqual } from "node:crypto";
import { dayMs } from "@gatepost/protocol";
import { GatepostError } from "../errors/errors.ts";

/** ms for which an import is valid. */
const validMs = dayMs;

interface Deps {
  cursorSecret: Buffer;
  clock(): number;
}

/** The id of an import that begins now, and its end (ms since 1970). The id is signed and not stored. */
export function newImport({ cursorSecret, clock }: Deps): { id: string; until: number } {
  const until = clock() + validMs;
  return { id: `imp_${until.toString(36)}_${macOf(until, cursorSecret).toString("base64url")}`, until };
}

/** Throws 404 if an import was not begun here, and 410 if it has ended: the beginning of each is in the audit log. */
export function checkImport(id: string, { cursorSecret, clock }: Deps): void {
  const [, text = "", mac = ""] = /^imp_([0-9a-z]{1,11})_([\w-]{22})$/.exec(id) ?? [];
  const until = Number.parseInt(text, 36);
  const signed = Buffer.from(mac, "base64url");
  const isSigned = signed.length === macBytes && timingSafeEqual(signed, macOf(until, cursorSecret));
  if (!isSigned)
    throw new GatepostError("not-found", "this import was not begun here; begin one with POST /v1/imports");
  if (until <= clock()) throw new GatepostError("gone", "this import has ended; begin another with POST /v1/imports");
}

const macBytes = 16;

function macOf(until: number, secret: Buffer): Buffer {
  return createHmac("sha256", secret).update(`import\0${until}`).digest().subarray(0, macBytes);
}
