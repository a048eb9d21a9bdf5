import { GatepostError } from "@gatepost/core/errors";
import type { Rules } from "@gatepost/core/rules";

/** The rules of the runtime. Throws GatepostError not-found if it has none. */
export function rulesOf({ rules }: { rules: Rules | null }): Rules {
  if (rules !== null) return rules;
  throw new GatepostError(
    "not-found",
    "on AWS, rules are on the EventBridge bus of the deployment: make, change and test them there",
  );
}
