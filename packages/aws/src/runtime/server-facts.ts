import type { ServerFacts } from "@gatepost/core/health";
import type { Settings } from "@gatepost/core/retention";

/** Lambda takes 6 MB including everything around a body; a body in base64 may have about 4.4 MB. */
const bodyBytes = 6_000_000;

/** Facts about a deployment. `live` is the whole address of its live feed. */
export function serverFacts({ retentionDays }: Settings, live: string): ServerFacts {
  return {
    ...{ runtime: "aws", live, rules: "elsewhere", bodyBytes },
    retention: async () => ({ eventDays: retentionDays, quarantineDays: retentionDays }),
    room: async () => null,
    clockDoubt: async () => null,
    shipping: async () => null,
  };
}
