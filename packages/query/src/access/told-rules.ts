import type { RuleListing } from "../ports/rules.ts";

/**
 * A rule as a key sees it that may not change rules. The path and query of a webhook are often enough to call it, so
 * such a key sees only the host. URLs of alerts are already without their secrets.
 */
export function toldToReaders(rule: RuleListing): RuleListing {
  const { target } = rule;
  return target.type === undefined ? { ...rule, target: { ...target, url: withoutPath(target.url) } } : rule;
}

function withoutPath(url: string): string {
  const { origin, href } = new URL(url);
  return href === `${origin}/` ? href : `${origin}/***`;
}
