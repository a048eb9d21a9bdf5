import type { ComponentChildren } from "preact";
import { inShort, reasonWords } from "../format/event.ts";
import { near } from "../format/time.ts";
import { Head } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { Tabs } from "../parts/pages/tabs.tsx";
import { inLanguageOrAsIs } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { parameter } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { DeadLetters } from "./dead-letters.tsx";
import { Flags } from "./flags.tsx";
import { Quarantine } from "./quarantine.tsx";

const countEveryMs = 10_000;
const tabs = ["quarantine", "deadletters", "flags"] as const;

/** What needs a hand? */
export function ProblemsPage() {
  const { pages, problems: w } = words.value;
  const chosen = tabs.find((name) => name === parameter("tab")) ?? "quarantine";
  // Only the numbers beside the tabs: without them the tabs are shown alone.
  const { state } = useLoading("counts of problems", (signal) => gatepost().ask("GET /v1/counts", { signal }), {
    every: countEveryMs,
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

const concernsEveryMs = 60_000;

/** Shows what the server needs of a person, such as a new certificate. On a healthy server it shows nothing. */
function Concerns() {
  const { state } = useLoading("concerns of the server", (signal) => gatepost().ask("GET /healthz", { signal }), {
    every: concernsEveryMs,
  });
  const health = state.value.value;
  if (health?.status !== "degraded") return null;
  return (
    <div class="strip">
      <Icon name="problems" />
      <div role="status">
        <ul>
          {health.reasons.map((reason) =>
            isOfTarget(reason) ? (
              <FailingTargets key={reason} reason={reason} />
            ) : (
              <Concern key={reason}>
                {/^sources[. ]/.test(reason) ? (
                  <a href="#/boxes">{inLanguageOrAsIs(reason)}</a>
                ) : (
                  inLanguageOrAsIs(reason)
                )}
              </Concern>
            ),
          )}
        </ul>
      </div>
    </div>
  );
}

/** Whether the server says that targets of rules take nothing. It names no rule: anyone may ask for its health. */
const isOfTarget = (reason: string) => reason.startsWith("targets that take nothing: ");

/** Names the rules whose targets take nothing; for a user who sees no rules, how many there are. */
function FailingTargets({ reason }: { reason: string }) {
  const { problems: w } = words.value;
  const { state } = useLoading("failing targets", (signal) => gatepost().ask("GET /v1/rules", { signal }), {
    every: concernsEveryMs,
  });
  const rules = state.value.value?.rules.filter(({ isOn }) => isOn) ?? [];
  const named = rules.flatMap(({ name, failing, waiting }) =>
    failing === null
      ? []
      : [
          {
            name,
            text: w.failing(name, near(failing.since, Date.now()), inShort(reasonWords(failing.reason, name)), waiting),
          },
        ],
  );
  if (named.length === 0) return <Concern>{inLanguageOrAsIs(reason)}</Concern>;
  return named.map(({ name, text }) => (
    <Concern key={name}>
      <a href="#/rules">{text}</a>
    </Concern>
  ));
}

function Concern({ children }: { children: ComponentChildren }) {
  return (
    <li>
      <bdi>{children}</bdi>
    </li>
  );
}
