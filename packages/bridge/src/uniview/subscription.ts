import { isObject, type Json, type JsonObject } from "@gatepost/protocol";
import { limitedJsonOrNull } from "../limited-json.ts";
import { BoxError, plain } from "../se5/box-error.ts";
import type { TerminalHttp } from "../terminals/terminal-http.ts";

const path = "/LAPI/V1.0/System/Event/Subscription";
/** Seconds until a subscription ends that is not renewed: the longest that ends at all. */
const durationS = 3600;
/** Verifications of persons. */
const type = 1024;
const allLibraries = { LibIDNum: 65_535, LibIDList: [] };
const maxBytes = 64 * 1024;

/** An id that may be a part of a path. */
const idForm = /^\d{1,20}$/;

/**
 * Subscribes to the verifications of persons, for an hour: the terminal then posts them to this address, which has no path
 * and no key. Returns the id of the subscription, or null if the terminal names none. Throws BoxError.
 */
export async function subscribe(
  http: TerminalHttp,
  to: { address: string; port: number },
  signal: AbortSignal,
): Promise<string | null> {
  const wanted = { AddressType: 0, IPAddress: to.address, Port: to.port, Duration: durationS, Type: type };
  // Some firmware reads the libraries at the root, and some in the condition.
  const body = JSON.stringify({ ...wanted, ...allLibraries, SubscribePersonCondition: allLibraries });
  const answer = responseIn(await http.ask({ method: "POST", path, body, maxBytes }, signal));
  if (answer === null) throw new BoxError(`${path}: no terminal of Uniview answers there`);
  const ids = [memberOf(answer["Data"], "ID"), memberOf(answer, "CreatedID")];
  return ids.find((id) => idForm.test(id)) ?? null;
}

/** Lets a subscription last for another hour. Throws BoxError, also if the terminal no longer has it. */
export async function renew(http: TerminalHttp, id: string, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify({ Duration: durationS });
  responseIn(await http.ask({ method: "PUT", path: `${path}/${id}`, body, maxBytes }, signal));
}

/** The members of an answer; null if it has none. Throws BoxError if they refuse the request. */
function responseIn(answer: Uint8Array): JsonObject | null {
  const sent = limitedJsonOrNull(answer);
  const response = isObject(sent) ? sent["Response"] : null;
  if (!isObject(response)) return null;
  for (const kind of ["Response", "Status"]) {
    const code = memberOf(response, `${kind}Code`);
    if (code === "" || code === "0") continue;
    throw new BoxError(`${path}: the terminal answers ${plain(`${code} ${memberOf(response, `${kind}String`)}`)}`);
  }
  return response;
}

/** The text of a member; "" if it has none. */
function memberOf(value: Json | undefined, name: string): string {
  const member = isObject(value) ? value[name] : null;
  return typeof member === "string" || typeof member === "number" ? String(member) : "";
}
