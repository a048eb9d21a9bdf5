import type { Api } from "@gatepost/client";
import { limitSize, size } from "../format/number.ts";
import { near } from "../format/time.ts";
import { State } from "../parts/mark.tsx";
import { now } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost, me } from "../state/session.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";

type Me = Api["GET /v1/me"]["answer"];

/** What this is, what it takes, how much room is left, and what of the machine needs a hand. */
export function About() {
  const w = settingsWords.value;
  const { state } = useLoading("about", (signal) => gatepost().ask("GET /v1/me", { signal }));
  // The facts of the sign-in may be hours old.
  const known = state.value.value ?? me.value;
  return (
    <section class="panel" id="about" aria-labelledby="about-title">
      <header>
        <h2 id="about-title">{w.sections.about}</h2>
      </header>
      {known === null ? (
        <p class="body quiet">{words.value.events.loading}</p>
      ) : (
        <dl class="facts body">
          <dt>Gatepost</dt>
          <dd>
            {known.server.version} · {w.machine[known.server.runtime]}
          </dd>
          <dt>{w.limits}</dt>
          <dd>
            {w.limitsText(
              limitSize(known.limits.bodyBytes),
              limitSize(known.limits.pictureBytes),
              known.limits.nesting,
              limitSize(known.limits.textBytes),
            )}
          </dd>
          {known.room === null ? null : (
            <>
              <dt>{w.room}</dt>
              <dd>{w.roomText(size(known.room.usedBytes), size(known.room.ofBytes))}</dd>
            </>
          )}
          {known.server.runtime === "aws" ? null : (
            <>
              <dt>{w.backup}</dt>
              <dd>
                {w.backupBy} <code class="mono">gatepost backup FOLDER</code>
              </dd>
            </>
          )}
          <Clock of={known.clock} />
          <Shipping of={known.shipping} />
        </dl>
      )}
    </section>
  );
}

/** Only if the machine's clock is doubted. */
function Clock({ of: clock }: { of: Me["clock"] }) {
  const w = settingsWords.value;
  if (clock === null) return null;
  return (
    <>
      <dt>{w.clock}</dt>
      <dd>
        <State tone="wait">{w.clockText[clock.is](near(clock.noted, now.value))}</State>
      </dd>
    </>
  );
}

/** Only if the server ships its store to a bucket. */
function Shipping({ of: shipping }: { of: Me["shipping"] }) {
  const w = settingsWords.value;
  if (shipping === null) return null;
  const { isLate, isFailing } = shipping;
  const since = near(shipping.since, now.value);
  const says = isLate ? w.notShipped(since) : isFailing ? w.shipFailing(since) : w.shipped(since);
  return (
    <>
      <dt>{w.shipping}</dt>
      <dd>{isLate || isFailing ? <State tone={isLate ? "bad" : "wait"}>{says}</State> : says}</dd>
    </>
  );
}
