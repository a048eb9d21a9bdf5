import type { Receipts } from "@gatepost/core/arrivals";
import { type Answer, probeResponse } from "@gatepost/core/errors";
import { Body } from "../decode/body.ts";
import { bodyByGet, receiptHeader, receiptIn } from "./query-form.ts";
import type { BoxRequest } from "./request.ts";

/** An answer to a GET. No cache may give it in the place of Gatepost. */
export function uncached(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, "cache-control": "no-store" } };
}

/** What a request brings. */
export type Brought = Pick<BoxRequest, "headers" | "body" | "recordUntil">;

/** What a request brings: its body, or the query of a GET. The answer to a request that asks only whether its URL works. */
export function broughtBy(request: Brought & Pick<BoxRequest, "method" | "form">, now: number): Brought | Answer {
  const { method, form, headers } = request;
  if (form === undefined) return probeResponse(method) ?? request;
  const { contentType, body: bytes } = bodyByGet(form);
  const { "user-agent": agent } = headers;
  const sent = { ...(agent !== undefined && { "user-agent": agent }), "content-type": contentType };
  return { ...request, headers: { ...sent, [receiptHeader]: String(now) }, body: new Body(bytes) };
}

/** The same headers with the receipt of the first equal report, if they have one. */
export async function withFirstReceipt(
  { headers, body }: Pick<Brought, "headers" | "body">,
  of: { box: string; path: readonly string[]; isRelayed: boolean },
  { receipts }: { receipts: Pick<Receipts, "firstOf"> },
): Promise<Brought["headers"]> {
  const receipt = receiptIn(headers);
  if (receipt === undefined) return headers;
  const first = await receipts.firstOf({ ...of, body: body.bytes }, receipt);
  return { ...headers, [receiptHeader]: String(first) };
}
