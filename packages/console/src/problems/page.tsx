import { Head } from "../parts/head.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { useLoading } from "../state/loading.ts";
import { parameter } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Concerns } from "./concerns.tsx";
import { DeadLetters } from "./dead-letters.tsx";
import { Flags } from "./flags.tsx";
import { Quarantine } from "./quarantine.tsx";

const everyMs = 10_000;
const tabs = ["quarantine", "deadletters", "flags"] as const;

/** What needs a hand? */
export function ProblemsPage() {
  const { pages, problems: w } = words.value;
  const chosen = tabs.find((name) => name === parameter("tab")) ?? "quarantine";
  // Only the numbers beside the tabs: without them the tabs are shown alone.
  const { state } = useLoading("counts of problems", (signal) => gatepost().ask("GET /v1/counts", { signal }), {
    every: everyMs,
  });
  const { value, isLoading } = state.value;
  const counted = value?.problems;
  const unknown = isLoading ? null : undefined;
  const numbers = {
    quarantine: counted?.quarantine ?? unknown,
    deadletters: counted === undefined ? unknown : (counted.deadletters ?? undefined),
    flags: counted?.flagged ?? unknown,
  };
  return (
    <>
      <Concerns />
      <Head title={pages.problems} say={w.about} />
      <Tabs
        label={w.tabs}
        parameterName="tab"
        first="quarantine"
        chosen={chosen}
        tabs={tabs.map((name) => [name, w[name], numbers[name]])}
      />
      {chosen === "quarantine" ? <Quarantine /> : chosen === "deadletters" ? <DeadLetters /> : <Flags />}
    </>
  );
}
