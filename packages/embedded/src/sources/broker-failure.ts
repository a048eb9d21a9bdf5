import type { PeerCertificate } from "node:tls";
import { endpointOf, why } from "@gatepost/alerts/targets";
import { untrusted } from "@gatepost/core/authority";

/** Why a conversation with a broker ended, in words. */
export class BrokerFailure extends Error {
  /** Whether it may speak an older version of MQTT: it says so, or ends a connection without an answer. */
  readonly mayBeOlder: boolean;

  constructor(message: string, cause: unknown, mayBeOlder = false) {
    super(message, { cause });
    this.mayBeOlder = mayBeOlder;
  }
}

/** The code of a broker of MQTT that does not speak this version of it. */
const wrongVersion = new Set([1, 132]);

/** Codes by which a broker refuses a connection or ends it: of 3.1.1, and of 5. */
const refusals = new Map<number, string>([
  ...[1, 132].map((code) => [code, "the broker speaks neither MQTT 5 nor 3.1.1: use one that does"] as const),
  ...[2, 133].map((code) => [code, "the broker does not take this client: let it use any client id there"] as const),
  ...[3, 136, 137].map((code) => [code, "the broker is not ready; it is tried again"] as const),
  ...[4, 134].map((code) => [code, "the user or the password is wrong: correct username and passwordFile"] as const),
  ...[5, 135].map((code) => [code, "the broker does not let this user in: correct username and passwordFile"] as const),
  [142, "another program has the session of this source: let one Gatepost alone run on this store, and no copy of it"],
]);

/** The topics that a broker refuses, and what to do; null if there are none. */
export function refusalOf(topics: readonly string[]): string | null {
  if (topics.length === 0) return null;
  return `the broker refuses ${topics.join(", ")}: let this user read it there, or remove it here`;
}

/** A connection that has ended: to where, and whether the broker had let the client in. */
interface Ended {
  url: URL;
  isIn: boolean;
  ca: string | null;
}

/** The reason for which a connection ended. `cause` is null if the broker closed it without one. */
export function failureOf(cause: unknown, ended: Ended): BrokerFailure {
  const code = cause instanceof Error && "code" in cause ? cause.code : null;
  if (typeof code === "number") {
    return new BrokerFailure(refusals.get(code) ?? why(cause), cause, wrongVersion.has(code));
  }
  const known = unreachable(String(code), ended) ?? certificateFault(cause, String(code), ended);
  if (known !== null) return new BrokerFailure(known, cause);
  if (!ended.isIn && isStrange(cause, String(code))) return strange(cause, ended);
  return new BrokerFailure(cause === null ? "the broker closed the connection; it is tried again" : why(cause), cause);
}

function unreachable(code: string, { url }: Ended): string | null {
  const { hostname } = url;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the host ${hostname} is not known: correct mqtt`;
  if (code === "ECONNREFUSED") return `no broker listens at ${placeOf(url)}: correct mqtt, or start the broker`;
  const isSilent = ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"].includes(code);
  return isSilent ? `${placeOf(url)} does not answer: correct mqtt, or let this machine reach it` : null;
}

/** The host and port of a broker. */
const placeOf = (url: URL) => `${url.hostname}:${endpointOf(url).port}`;

function certificateFault(cause: unknown, code: string, { url, ca }: Ended): string | null {
  if (!(cause instanceof Error)) return null;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const { cert } = cause as { cert?: PeerCertificate };
    const names = cert?.subjectaltname ?? cert?.subject.CN ?? "another host";
    return `the broker's certificate is of ${names}, and not of ${url.hostname}: write a name of it in mqtt`;
  }
  if (code === "CERT_HAS_EXPIRED") return "the broker's certificate has expired: renew it there";
  if (code === "CERT_NOT_YET_VALID")
    return "the broker's certificate is not valid yet: correct the clock here or there";
  return untrusted(cause, ca);
}

/** Whether something else than a broker may have answered, or one that expects TLS, or expects none. */
function isStrange(cause: unknown, code: string): boolean {
  const isOfConnection = ["ECONNRESET", "EPIPE", "EPROTO"].includes(code) || code.startsWith("ERR_SSL_");
  return cause === null || isOfConnection || (cause instanceof Error && !("code" in cause));
}

function strange(cause: unknown, { url }: Ended): BrokerFailure {
  const isTls = endpointOf(url).isTls;
  if (cause instanceof Error && cause.message === "connack timeout") {
    const words = `${placeOf(url)} takes the connection and gives no answer of MQTT: correct the port in mqtt`;
    return new BrokerFailure(words, cause);
  }
  const words = isTls
    ? `${placeOf(url)} is no broker of MQTT with TLS: correct the port in mqtt, or write mqtt:// if it has no TLS`
    : `${placeOf(url)} is no broker of MQTT without TLS: correct the port in mqtt, or write mqtts:// if it has TLS`;
  return new BrokerFailure(words, cause, !isTls || cause === null);
}
