import type { Action, ActionDelivery, Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { deliveryWords, wantActionOf } from "../../format/event.ts";
import { exactTime } from "../../format/time.ts";
import { Conditions, type Trial } from "../../parts/conditions.tsx";
import { Failed } from "../../parts/loaded.tsx";
import { MakeRule } from "../../parts/make-rule.tsx";
import { State } from "../../parts/mark.tsx";
import { useLoading } from "../../state/loading.ts";
import { isGuard, isLimited, mayWriteRules } from "../../state/role.ts";
import { gatepost, me } from "../../state/session.ts";
import { words } from "../../words/index.ts";
import { Say } from "../../words/say.tsx";
import { SendAgain } from "./erase.tsx";

const everyMs = 5000;

/** What the server says of an event's actions beyond the event itself: their history, and who was told. */
export interface EventActions {
  actions: readonly Action[];
  /** Asks again, as after something was sent. */
  reload(): void;
}

/** Asks again while a delivery waits. If the server has no more detail, the event's own data is shown. */
export function useEventActions(event: Event): EventActions {
  const key = event.actions.map(({ id, state }) => `${id} ${state}`).join();
  const ask = (signal: AbortSignal) =>
    Promise.all(event.actions.map(({ id }) => gatepost().ask("GET /v1/actions/{id}", { path: { id }, signal })));
  const { state, reload } = useLoading(`actions ${event.id} ${key}`, ask, { every: everyMs, while: isWaiting });
  return { actions: state.value.value ?? [], reload };
}

const isWaiting = (actions: readonly Action[]) =>
  actions.some(({ deliveries }) => deliveries?.some(({ state }) => state === "waiting"));

/** The reports behind the event, and for each rule whether it was notified, and why. Loaded when the user opens it. */
export function Why({ event, told }: { event: Event; told: EventActions }) {
  const { why: w } = words.value;
  const isOpen = useSignal(false);
  return (
    <details
      class="panel why-told"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>
        {w.title}
        <span class="meta end">{w.about}</span>
      </summary>
      {isOpen.value ? (
        <div class="body stack">
          <Reports event={event} />
          {isGuard.value ? null : <Rules event={event} told={told} />}
        </div>
      ) : null}
    </details>
  );
}

function Reports({ event }: { event: Event }) {
  const { why: w, event: e, pictures, locale } = words.value;
  return (
    <section class="gap" aria-labelledby="why-reports">
      <h3 id="why-reports">{w.reports(event.reports.length)}</h3>
      <ul class="plain-list">
        {event.reports.map(({ kind, dialect, dialectName, receivedAt, brought }) => (
          <li key={`${kind} ${receivedAt}`}>
            <Say text={e.reports[kind]} />{" "}
            {dialectName === null ? <code class="mono meta">{dialect}</code> : <bdi class="meta">{dialectName}</bdi>}{" "}
            <time class="meta" dateTime={receivedAt}>
              {exactTime(receivedAt)}
            </time>{" "}
            <span class="quiet">
              {brought.length === 0
                ? w.noPictures
                : e.brought(brought.map((picture) => pictures[picture].toLocaleLowerCase(locale)).join(", "))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

type RuleTrial = Trial & { rule: string };

function Rules({ event, told }: { event: Event; told: EventActions }) {
  const { why: w } = words.value;
  return (
    <section class="gap" aria-labelledby="why-rules">
      <h3 id="why-rules">{w.rules}</h3>
      {me.value?.server.rules === "elsewhere" ? (
        <p class="quiet">{w.elsewhere}</p>
      ) : (
        <Tried key={event.id} event={event} told={told} />
      )}
    </section>
  );
}

function Tried({ event, told }: { event: Event; told: EventActions }) {
  const { why: w } = words.value;
  const key = event.actions.map(({ id }) => id).join();
  const { state, reload } = useLoading(`why ${event.id} ${key}`, (signal) => trialsOf(event.id, signal));
  const { value, failure, retryAt } = state.value;
  if (value === null) {
    return failure === null ? <p class="bone" /> : <Failed failure={failure} retryAt={retryAt} onRetry={reload} />;
  }
  if (value.length === 0) return <p class="quiet">{isLimited.value ? w.rulesUntold : <NoRule event={event} />}</p>;
  return (
    <>
      <p class="meta">{event.actions.length === 0 ? w.nothingAsked : w.asTheyAreNow}</p>
      <ul class="plain-list">
        {value.map((trial) => (
          <Rule
            key={`${trial.rule} ${trial.detailType}`}
            trial={trial}
            delivery={deliveryOf(trial, event, told)}
            onSent={told.reload}
          />
        ))}
      </ul>
    </>
  );
}

function NoRule({ event }: { event: Event }) {
  const { why: w } = words.value;
  const wants = event.actions.map(({ wantAction }) => wantAction);
  return (
    <>
      {w.noRules} {mayWriteRules.value ? <MakeRule label={w.makeRule} wants={wants} site={null} /> : null}
    </>
  );
}

async function trialsOf(event: string, signal: AbortSignal): Promise<RuleTrial[]> {
  const answer = await gatepost().ask("POST /v1/rules/try", { body: { event }, signal });
  return "rules" in answer ? answer.rules : [];
}

function deliveryOf({ rule, detailType }: RuleTrial, event: Event, { actions }: EventActions): ActionDelivery | null {
  const action = event.actions.find(({ wantAction }) => wantAction === wantActionOf(detailType));
  const known = actions.find(({ id }) => id === action?.id);
  return known?.deliveries?.find((delivery) => delivery.rule === rule) ?? null;
}

function Rule({ trial, delivery, onSent }: { trial: RuleTrial; delivery: ActionDelivery | null; onSent(): void }) {
  const { rules: r } = words.value;
  return (
    <li class="gap">
      <span class="line">
        <State tone={trial.matches ? "ok" : ""} />
        <b>
          <bdi>{trial.rule}</bdi>
        </b>
        <span>{trial.matches ? r.matches : r.matchesNot}</span>
        <code class="mono meta">{trial.detailType}</code>
      </span>
      {delivery === null ? null : <Delivered delivery={delivery} onSent={onSent} />}
      <Conditions why={trial.why} />
    </li>
  );
}

function Delivered({ delivery, onSent }: { delivery: ActionDelivery; onSent(): void }) {
  const { why: w } = words.value;
  const { state, at } = delivery;
  return (
    <span class="line">
      <span>
        {w.states[state]}{" "}
        <time class="meta" dateTime={at}>
          {exactTime(at)}
        </time>{" "}
        <bdi class="quiet">{deliveryWords(delivery)}</bdi>
      </span>
      <SendAgain delivery={delivery} onSent={onSent} />
    </span>
  );
}
