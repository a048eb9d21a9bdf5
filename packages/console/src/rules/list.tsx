import type { Api, Rule } from "@gatepost/client";
import { inShort, reasonWords } from "../format/event.ts";
import { shortMs } from "../format/number.ts";
import { near, shortDay } from "../format/time.ts";
import { Switch } from "../parts/field.tsx";
import { State } from "../parts/mark.tsx";
import { attempt, inLanguageOrAsIs } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { ruleWords } from "../words/rules.ts";
import { orConflict } from "./buttons.tsx";
import { isAtHours, type Places, placeWords, receiverWords, ways } from "./card.ts";
import { CardMark, RuleTitle } from "./title.tsx";

type Fault = Api["GET /v1/rules"]["answer"]["faults"][number];

interface ListProps {
  rules: readonly Rule[];
  faults: readonly Fault[];
  /** The rule that is looked at. */
  shown: Rule | null;
  etag: string;
  places: Places;
  isEditable: boolean;
  onChoose(name: string): void;
  onChanged(): void;
}

/** A card for each rule: its place and hours, its receiver, and whether it is on. */
export function RuleList({ rules, faults, shown, onChoose, ...props }: ListProps) {
  const { rules: w } = words.value;
  return (
    <ul class="groups">
      {rules.map((rule) => (
        <li key={rule.name} class="rulecard">
          <button
            type="button"
            class="group"
            aria-current={rule === shown ? "true" : undefined}
            onClick={() => onChoose(rule.name)}
          >
            <b class={`mark ${rule.card.kind}`}>
              <CardMark kind={rule.card.kind} />
              <RuleTitle rule={rule} />
            </b>
            {rule.waiting + rule.dead > 0 ? <span class="count">{rule.waiting + rule.dead}</span> : null}
            <span class="meta">{summaryOf(rule, props.places)}</span>
            {rule.warning === undefined ? null : (
              <bdi class="meta">{w.neverMatches(inLanguageOrAsIs(rule.warning))}</bdi>
            )}
            {rule.failing === null || !rule.isOn ? null : (
              <bdi class="meta">
                {w.failing(near(rule.failing.since, Date.now()), inShort(reasonWords(rule.failing.reason, rule.name)))}
              </bdi>
            )}
          </button>
          <RuleSwitch rule={rule} {...props} />
        </li>
      ))}
      {faults.map(({ rule: name, line, column, reason }) => (
        <li key={`${name} ${line}`} class="body">
          <b>
            <bdi>{name ?? "rules.json"}</bdi>
          </b>
          <State tone="bad" />
          <bdi class="meta">{w.fault(String(line ?? "–"), String(column ?? "–"), inLanguageOrAsIs(reason))}</bdi>
        </li>
      ))}
    </ul>
  );
}

function RuleSwitch({
  rule,
  etag,
  isEditable,
  onChanged,
}: Omit<ListProps, "rules" | "faults" | "shown" | "onChoose"> & { rule: Rule }) {
  const toggle = useOnce(async () => {
    const { name, pattern, target, isOn } = rule;
    const body = { pattern, target: { url: target.url }, isOn: !isOn };
    await attempt(
      () => gatepost().ask("PUT /v1/rules/{name}", { path: { name }, body, headers: { "if-match": etag } }),
      orConflict,
    );
    onChanged();
  });
  return (
    <Switch
      isOn={rule.isOn}
      aria-label={ruleWords.value.isOn(rule.name)}
      disabled={!isEditable}
      onChange={() => void toggle()}
    />
  );
}

/** The place, the receiver, and the latest of it. */
function summaryOf(rule: Rule, places: Places): string {
  const { rules: r } = words.value;
  const w = ruleWords.value;
  const { card, waiting, dead, offSince, isOn } = rule;
  const what = card.kind === "requests" ? card.wants.join(", ") : card.kind === "own" ? null : placeOf(rule, places);
  const hours = isAtHours(card) ? `${card.from}–${card.to}` : null;
  const about = [what, hours].filter((part) => part !== null).join(", ");
  const way = [about, receiverWords(rule.target)].filter((part) => part !== "").join(" → ");
  if (!isOn) return offSince === null ? `${way} · ${w.off}` : `${way} · ${w.offSince(shortDay(offSince))}`;
  return `${way} · ${waiting + dead > 0 ? r.summary(waiting, dead) : takenWords(rule)}`;
}

/** How often people were told today, or the last answer of a program. */
function takenWords({ target, today, last }: Rule): string {
  const { rules: r } = words.value;
  if (target.type !== undefined) return ruleWords.value.today(today);
  return last === null ? r.neverAsked : r.lastAnswer(String(last.status ?? "–"), shortMs(last.ms));
}

function placeOf({ card }: Rule, places: Places): string | null {
  return card.kind === "own" || card.kind === "targets"
    ? null
    : placeWords(card.gates, card.kind === "silence", places);
}

/** The ways to begin. */
export function Ways({ onBegin }: { onBegin(way: (typeof ways)[number]): void }) {
  const w = ruleWords.value;
  return (
    <section class="rule-ways" aria-labelledby="ways">
      <h2 id="ways">{w.begin}</h2>
      {ways.map((way) => (
        <button key={way} type="button" onClick={() => onBegin(way)}>
          <span class={`mark ${way}`}>
            <CardMark kind={way} />
          </span>
          {w.ways[way]}
        </button>
      ))}
    </section>
  );
}
