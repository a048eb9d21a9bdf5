import { type CheckPorts, CheckSteps, changesForCheck, checkedEvent, runCheck, type Step } from "@gatepost/core/check";
import { checkBox, dayMs } from "@gatepost/protocol";
import * as z from "zod";
import type { Api } from "../client.ts";
import { Failure, sayWhy } from "../failure.ts";
import { createKey } from "../keys/created.ts";
import { notReached } from "../remote.ts";

export interface CheckOptions {
  /** The address that boxes post to, without a slash at the end. */
  url: string;
  /** An ingest key of the box of checks; without one, one is made and revoked. */
  ingestKey?: string | undefined;
  /** ms to wait for each thing that has to come: the event in a list, in the feed, over the bus. */
  timeoutMs: number;
  /** Aborted to end the check before it is done. */
  ended: AbortSignal;
}

export interface Checked {
  ok: boolean;
  url: string;
  steps: Step[];
}

/** ms for one request. */
const requestTimeoutMs = 30_000;

/** ms that a key of a check opens anything; it is revoked when the check ends. */
const keyLifetimeMs = 7 * dayMs;

/**
 * Does what a box, a console and a subscriber do, with reports of the box of checks. It always removes what it has
 * made, also after a failure. Never throws: failures are in the steps.
 */
export async function check(api: Api, options: CheckOptions): Promise<Checked> {
  const steps = new CheckSteps(sayWhy);
  const key = await made(api, options.ingestKey, steps);
  if (key !== null) {
    await runCheck(portsOf(api, options.url, key.token), { ...options, steps });
    if (key.id !== null) {
      const path = { id: key.id };
      const revoke = () => api.ask("DELETE /v1/keys/{id}", { path });
      // The steps have noted its failure.
      await steps.take("revoke", revoke).catch(() => undefined);
    }
  }
  return { ok: steps.failures.length === 0, url: options.url, steps: steps.taken };
}

async function made(api: Api, given: string | undefined, steps: CheckSteps) {
  if (given !== undefined) return { id: null, token: given };
  // The key expires, for the case that the check is killed before it can revoke it.
  const expiresAt = new Date(Date.now() + keyLifetimeMs).toISOString();
  return steps.take("key", () => createKey(api, { scope: "ingest", box: checkBox, expiresAt })).catch(() => null);
}

const pictureLink = z.object({ url: z.string(), expires: z.string().nullable() });

/** The Gatepost that boxes reach at an address with a token, and that `api` reads. */
function portsOf(api: Api, url: string, token: string): CheckPorts {
  return {
    async deliver(body) {
      const signal = AbortSignal.timeout(requestTimeoutMs);
      const request = { method: "POST", body, headers: { "content-type": "application/json" }, signal };
      return fetch(`${url}/${token}/HistoryEvent`, { ...request, redirect: "error" }).catch((cause: unknown) => {
        throw new Failure(`the report could not be delivered: ${notReached(url, cause).why.message}`, { cause });
      });
    },
    changes: (after) => {
      const query = { order: "received" as const, with: "checks", after };
      return api.ask("GET /v1/events", { query, answer: changesForCheck });
    },
    async events(person) {
      const query = { box: checkBox, person, limit: 50 };
      return (await api.ask("GET /v1/events", { query, answer: z.object({ events: z.array(checkedEvent) }) })).events;
    },
    event: (id) => api.ask("GET /v1/events/{id}", { path: { id }, answer: checkedEvent }),
    async picture(id, kind) {
      const asked = { path: { id, kind }, answer: pictureLink };
      const link = await api.ask("GET /v1/events/{id}/pictures/{kind}/link", asked);
      // A link that does not expire is an address of the API, which needs a key.
      if (link.expires === null) return api.get(link.url);
      const signal = AbortSignal.timeout(requestTimeoutMs);
      return fetch(URL.canParse(link.url) ? link.url : url + link.url, { signal });
    },
    async erase(id) {
      await api.ask("DELETE /v1/events/{id}", { path: { id } });
    },
  };
}
