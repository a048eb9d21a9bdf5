import { GatepostError } from "@gatepost/core/errors";
import type { Rules } from "@gatepost/core/rules";

/** A rule is asked about the entries of every box. */
async function rulesOfAll(): Promise<never> {
  throw new GatepostError("forbidden", "rules are for all boxes, and you see some of them; ask who sees all");
}

/** The pattern, target, name and faults of a rule may name boxes and persons that the key does not see. */
export function limitedRules(rules: Rules): Rules {
  return {
    read: async () => ({ version: "", rules: [], faults: [] }),
    tryPattern: (pattern, events) => rules.tryPattern(pattern, events),
    countMatching: (pattern, events) => rules.countMatching(pattern, events),
    preview: (asked) => rules.preview(asked),
    warningOf: (pattern) => rules.warningOf(pattern),
    tryRules: async () => [],
    put: rulesOfAll,
    remove: rulesOfAll,
    ping: rulesOfAll,
    versionOf: rulesOfAll,
    resend: rulesOfAll,
    outcomesOf: (rule, job) => rules.outcomesOf(rule, job),
    waitingAgain: (asked) => rules.waitingAgain(asked),
    takeBack: rulesOfAll,
  };
}
