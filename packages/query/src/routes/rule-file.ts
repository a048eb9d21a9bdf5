import { createHmac } from "node:crypto";
import { GatepostError } from "@gatepost/ingest";
import type { ApiPorts } from "../ports/api-ports.ts";
import type { Rules } from "../ports/rules.ts";

/* What the routes of rules share: the rules, and the tag that guards changes. */

export function rulesOf({ rules }: ApiPorts): Rules {
  if (rules !== null) return rules;
  throw new GatepostError(
    "not-found",
    "on AWS, rules are on the EventBridge bus of the deployment: make, change and test them there",
  );
}

export function noSuchRule(): GatepostError {
  return new GatepostError("not-found", "there is no such rule, or it cannot be used; list them");
}

export function outdated(): GatepostError {
  return new GatepostError("outdated", "the rules were changed since you read them: read them again");
}

/** The version that a request was made for. Throws 428 without `If-Match`, 412 where it is another one now. */
export async function matchedVersion(headers: Headers, deps: ApiPorts): Promise<string> {
  const sent = headers.get("if-match");
  if (sent === null) throw new GatepostError("unconditional", "send If-Match with the etag of GET /v1/rules");
  const { version } = await rulesOf(deps).read();
  if (sent !== tagOf(version, deps)) throw outdated();
  return version;
}

/**
 * The tag of a version. The version depends on secrets in the file, so the tag is a keyed hash: nobody can test
 * guesses.
 */
export function tagOf(version: string, { cursorSecret }: Pick<ApiPorts, "cursorSecret">): string {
  return `"${createHmac("sha256", cursorSecret).update(`rules ${version}`).digest("hex").slice(0, 16)}"`;
}
