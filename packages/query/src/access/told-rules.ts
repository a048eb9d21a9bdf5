import type { RuleListing } from "../ports/rules.ts";

/**
 * A rule as it is told to a key that may not change it. The path and the query of a webhook are often all that is needed to
 * call it, so such a key learns which host is told, and no more. URLs of alerts come without their secrets.
 */
export function toldToReaders(rule: RuleListing): RuleListing {
  const { target } = rule;
  return target.type === undefined ? { ...rule, target: { ...target, url: withoutPath(target.url) } } : rule;
}

function withoutPath(url: string): string {
  const { origin, href } = new URL(url);
  return href === `${origin}/` ? href : `${origin}/***`;
}
