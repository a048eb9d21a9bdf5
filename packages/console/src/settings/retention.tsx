import { me } from "../state/session.ts";
import { words } from "../words/index.ts";

/** How long what is kept. */
export function RetentionFacts() {
  const { settings: w } = words.value;
  const kept = me.value?.retention;
  return (
    <section class="panel" id="keep" aria-labelledby="keep-title">
      <header>
        <h2 id="keep-title">{w.retention}</h2>
      </header>
      <dl class="facts body">
        <dt>{w.events}</dt>
        <dd>{kept === undefined ? w.loading : w.eventDays(kept.eventDays)}</dd>
        <dt>{w.quarantine}</dt>
        <dd>{kept === undefined ? w.loading : w.quarantineDays(kept.quarantineDays)}</dd>
      </dl>
    </section>
  );
}
