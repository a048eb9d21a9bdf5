import { size } from "../format/number.ts";
import { me } from "../state/session.ts";
import { words } from "../words/index.ts";

/** What this is, what it takes, and how much room is left. */
export function About() {
  const { settings: w } = words.value;
  const known = me.value;
  return (
    <section class="panel" id="about" aria-labelledby="about-title">
      <header>
        <h2 id="about-title">{w.about}</h2>
      </header>
      {known === null ? (
        <p class="body quiet">{w.loading}</p>
      ) : (
        <dl class="facts body">
          <dt>Gatepost</dt>
          <dd>
            {known.server.version} · {w.machine[known.server.runtime]}
          </dd>
          <dt>{w.limits}</dt>
          <dd>
            {w.limitsText(
              size(known.limits.bodyBytes),
              size(known.limits.pictureBytes),
              known.limits.nesting,
              size(known.limits.textBytes),
            )}
          </dd>
          {known.room === null ? null : (
            <>
              <dt>{w.room}</dt>
              <dd>{w.roomText(size(known.room.usedBytes), size(known.room.ofBytes))}</dd>
            </>
          )}
        </dl>
      )}
    </section>
  );
}
