import { Icon } from "../parts/icon.tsx";
import { inLanguageOrAsIs } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";

const everyMs = 60_000;

/** Shows what the server needs of a person, such as a new certificate. On a healthy server it shows nothing. */
export function Concerns() {
  const { state } = useLoading("concerns of the server", (signal) => gatepost().ask("GET /healthz", { signal }), {
    every: everyMs,
  });
  const health = state.value.value;
  if (health?.status !== "degraded") return null;
  return health.reasons.map((reason) => (
    <div key={reason} class="strip">
      <Icon name="problems" />
      <bdi role="status">{inLanguageOrAsIs(reason)}</bdi>
    </div>
  ));
}
