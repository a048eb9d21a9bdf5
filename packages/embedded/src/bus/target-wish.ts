import { channels, maskedUrl } from "@gatepost/alerts";
import { GatepostError } from "@gatepost/ingest";
import type { RuleWish } from "@gatepost/query";
import * as z from "zod";

type Held = Record<string, unknown> & { headers?: Record<string, string> | undefined };

/** The target of a rule as it is to be written: the held one with what was asked for. */
export function targetOf(wish: RuleWish["target"], held: Held): Record<string, unknown> {
  const { url, headers, type, ...others } = wish;
  const isOther = type !== undefined && type !== (held["type"] ?? null);
  const before: Held = isOther ? {} : held;
  const { headers: heldHeaders = {}, ...kept } = before;
  const asked = {
    ...kept,
    url: urlOf(url, before),
    ...(type === undefined ? {} : { type }),
    ...headersOf(headers, heldHeaders),
    ...others,
  };
  // What is absent of a wish stays, what is null goes.
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null && value !== undefined));
}

const heldAlert = z.object({ type: z.enum(channels), url: z.string() });

/** Readers see no secret of a URL: what they send back as they saw it is the URL that is held. */
function urlOf(asked: string, held: Held): string {
  const alert = heldAlert.safeParse(held).data;
  return alert !== undefined && maskedUrl(alert.type, alert.url) === asked ? alert.url : asked;
}

function headersOf(asked: RuleWish["target"]["headers"], held: Record<string, string>): { headers?: object } {
  if (asked === undefined) return Object.keys(held).length === 0 ? {} : { headers: held };
  const headers = Object.entries(asked).map(([name, value]) => {
    const known = value ?? held[name];
    if (known === undefined)
      throw new GatepostError("bad-request", `target.headers: ${JSON.stringify(name)} has no value to keep`);
    return [name, known];
  });
  return headers.length === 0 ? {} : { headers: Object.fromEntries(headers) };
}
