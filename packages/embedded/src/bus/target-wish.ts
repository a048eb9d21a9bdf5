import { addressOf, maskedUrl } from "@gatepost/alerts/targets";
import { GatepostError } from "@gatepost/core/errors";
import type { RuleWish } from "@gatepost/core/rules";
import { channels } from "@gatepost/core/rules";
import * as z from "zod";

type Headers = Record<string, string>;
type HeldTarget = Record<string, unknown> & { headers?: Headers | undefined };

/**
 * The target to write for a rule: the stored one with the requested changes. Throws 400 if a stored password, token or
 * header value, which no client can read, would be sent to a new place.
 */
export function targetOf(wish: RuleWish["target"], held: HeldTarget): Record<string, unknown> {
  const { url, headers, type, ...others } = wish;
  const isOther = type !== undefined && type !== (held["type"] ?? null);
  const before: HeldTarget = isOther ? {} : held;
  const isElsewhere = leadsElsewhere(url, before);
  if (isElsewhere && others.secret === undefined && sending.safeParse(before).success) {
    throw new GatepostError(
      "bad-request",
      "target.secret: the url leads elsewhere now; give the secret again, or null",
    );
  }
  const { headers: heldHeaders, ...kept } = before;
  // A new secret, or null, takes the place of any that were there.
  if (others.secret !== undefined) delete kept["secrets"];
  if (others.secrets !== undefined) delete kept["secret"];
  const asked = {
    ...kept,
    url: urlOf(url, before) || null,
    ...(type === undefined ? {} : { type }),
    ...headersOf(headers, { held: heldHeaders ?? {}, isElsewhere }),
    ...others,
  };
  // Absent members of a request leave the stored values as they are; null removes a member.
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null && value !== undefined));
}

/** Targets that get their secret itself: all alerts but those that only sign with it. Webhooks sign, too. */
const sending = z.object({ type: z.enum(channels).exclude(["dingtalk", "feishu"]), secret: z.string() });

/** An invalid URL leads nowhere: it is refused later for that. */
function leadsElsewhere(asked: string, held: HeldTarget): boolean {
  const alert = heldAlert.safeParse(held).data;
  const endOfTarget = (url: string) => endOf(alert === undefined ? url : addressOf(alert.type, url));
  const end = endOfTarget(asked);
  return end !== null && end !== endOfTarget(alert?.url ?? String(held["url"]));
}

/** The host that receives requests to a URL, and whether the connection is encrypted. */
function endOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

const heldAlert = z.object({ type: z.enum(channels), url: z.string().default("") });

/** Readers see a URL without its secrets. If they send it back unchanged, the stored URL stays. */
function urlOf(asked: string, held: HeldTarget): string {
  const alert = heldAlert.safeParse(held).data;
  return alert !== undefined && maskedUrl(alert.type, addressOf(alert.type, alert.url)) === asked ? alert.url : asked;
}

function headersOf(
  asked: RuleWish["target"]["headers"],
  { held, isElsewhere }: { held: Headers; isElsewhere: boolean },
): { headers?: Headers } {
  const wished = Object.entries(asked ?? Object.fromEntries(Object.keys(held).map((name) => [name, null])));
  const headers = wished.map(([name, value]) => {
    const known = value ?? (Object.hasOwn(held, name) ? held[name] : undefined);
    if (known === undefined)
      throw new GatepostError("bad-request", `target.headers: ${JSON.stringify(name)} has no value to keep`);
    if (value === null && isElsewhere)
      throw new GatepostError(
        "bad-request",
        `target.headers: the url leads elsewhere now; give the value of ${JSON.stringify(name)} again, or headers without it`,
      );
    return [name, known];
  });
  return headers.length === 0 ? {} : { headers: Object.fromEntries(headers) };
}
