import type { Viewer, Viewers } from "@gatepost/core/accounts";
import { GatepostError, visible } from "@gatepost/core/errors";
import { findKey, hashToken, hasTicketForm, opensFeeds } from "@gatepost/core/keys";
import type { TicketStore } from "@gatepost/core/tickets";
import type { Ports } from "@gatepost/receive";
import * as z from "zod";
import type { EndedOf, LiveConnections } from "./connections.ts";

const connectEvent = z.object({
  requestContext: z.object({
    connectionId: z.string(),
    identity: z.object({ sourceIp: z.string().default("") }).default({ sourceIp: "" }),
  }),
  queryStringParameters: z.object({ token: z.string().optional() }).nullish(),
});

const disconnectEvent = z.object({ requestContext: z.object({ connectionId: z.string() }) });

export interface EndpointPorts {
  ingest: Pick<Ports, "keys" | "authRateLimiter" | "refusals" | "log">;
  tickets: TicketStore;
  viewers: Pick<Viewers, "find">;
  connections: LiveConnections;
  endedOf: EndedOf;
}

/**
 * Lets a client into the live feed by a key or a ticket in the URL: the handler of `$connect`. Answers 503 if the store
 * fails.
 */
export async function connectSubscriber(event: unknown, deps: EndpointPorts): Promise<{ statusCode: number }> {
  try {
    const { requestContext, queryStringParameters } = connectEvent.parse(event);
    const { connectionId, identity } = requestContext;
    const { viewer, tokenHash } = await admit(queryStringParameters?.token, identity.sourceIp, deps);
    await deps.connections.add(connectionId, { keyId: viewer.id, tokenHash }, deps.endedOf);
    return { statusCode: 200 };
  } catch (error) {
    const { status, cause } = visible(error);
    if (cause !== undefined) deps.ingest.log.error("subscriber refused", { cause });
    return { statusCode: status };
  }
}

/** The handler of `$disconnect`, which API Gateway calls if it can. */
export async function disconnectSubscriber(event: unknown, { connections }: Pick<EndpointPorts, "connections">) {
  await connections.remove(disconnectEvent.parse(event).requestContext.connectionId);
  return { statusCode: 200 };
}

async function admit(
  token: string | undefined,
  address: string,
  { ingest, tickets, viewers }: EndpointPorts,
): Promise<{ viewer: Viewer; tokenHash: string }> {
  const text = token ?? "";
  const given = hashToken(text);
  const ticket = hasTicketForm(text) ? await tickets.redeem(given) : null;
  const refused = { address, segments: ["live"] };
  const replaced = ticket === null ? null : await viewers.find(ticket);
  if (ticket !== null && replaced !== null) return { viewer: replaced, tokenHash: ticket };
  const key = await findKey(text, ingest.keys);
  if (key === null) {
    ingest.refusals.note("wrong-key", refused);
    ingest.authRateLimiter.fail(address);
    throw new GatepostError("unauthorized", "no live key in this URL; connect with ?token=KEY");
  }
  if (!opensFeeds(key)) {
    ingest.refusals.note("wrong-scope", refused);
    throw new GatepostError("forbidden", `this is a key to ${key.scope}`);
  }
  await ingest.keys.noteUse(key);
  return { viewer: key, tokenHash: given };
}
