import { addressOf } from "../state/address.ts";

interface MakeRuleProps {
  label: string;
  /** The wanted actions that the rule matches; without one, it matches all entries. */
  wants: readonly string[];
  /** Null for every site. */
  site: string | null;
}

/** The way to a new rule for requests of boxes, to show to users who may write rules. */
export function MakeRule({ label, wants, site }: MakeRuleProps) {
  const card = wants.length === 0 ? "everything" : "requests";
  return (
    <a href={addressOf("rules", "new", { card: [card], want: wants, site: site === null ? [] : [site] })}>
      <u>{label}</u>
    </a>
  );
}
