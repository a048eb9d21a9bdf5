import type { Event, Rule } from "@gatepost/client";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { shortDay } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import type { Trial } from "../parts/conditions.tsx";
import { Portrait } from "../parts/faces.tsx";
import { attempt } from "../state/failure.ts";
import { recall } from "../state/known-events.ts";
import { useLoading, useOnce } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { noteUnsaved } from "../state/unsaved.ts";
import { words } from "../words/index.ts";
import { ruleWords } from "../words/rules.ts";
import { Advanced } from "./advanced.tsx";
import { orConflict, Ping, Remove } from "./buttons.tsx";
import { type Card, freeName, type MadeCard, type Places, titleOfCard } from "./card.ts";
import { type Draft, matchingOf, type Start, useDraft, wishOf } from "./draft.ts";
import { Resend } from "./resend.tsx";
import { Sentence } from "./sentence.tsx";
import { Tell } from "./tell.tsx";
import { Tester } from "./tester.tsx";
import { RuleTitle } from "./title.tsx";
import { type Trials, useTrials } from "./trial.ts";

interface EditorProps {
  /** Null: a new one. */
  rule: Rule | null;
  start: Start;
  etag: string;
  isEditable: boolean;
  /** Names that another rule has. */
  taken: readonly string[];
  places: Places;
  /** Asks for the rules again, and shows one of them, or the first where it is null. */
  onChanged(shown?: string | null): void;
}

/** One rule in sentences: it is tried while it is changed. */
export function Editor({ rule, start, etag, isEditable, taken, places, onChanged }: EditorProps) {
  const { rules: w } = words.value;
  const draft = useDraft(rule, start);
  /** The draft that was saved and is not loaded again yet; null if there is none. */
  const written = useRef<string | null>(null);
  const typed = useRef(draft.text);
  typed.current = draft.text;
  const { matching, fault } = matchingOf(draft);
  const trials = useTrials(matching);
  const { value, failure, isLoading } = trials.state.value;
  const { card, usualName } = shownOf(draft, value?.card, taken);
  const name = rule?.name ?? (draft.name.value.trim() || usualName);
  const isTaken = rule === null && taken.includes(name);
  const isReady = matching !== null && !isTaken;
  const save = useOnce(async () => {
    if (matching === null) return;
    const body = { ...matching, target: wishOf(draft, rule) };
    const sent = draft.text;
    const saved = await attempt(async () => {
      await gatepost().ask("PUT /v1/rules/{name}", { path: { name }, body, headers: { "if-match": etag } });
      say(w.saved);
      // Later changes stay, and the page asks before the user leaves them.
      if (typed.current !== sent) return null;
      written.current = sent;
      noteUnsaved(false);
      return name;
    }, orConflict);
    onChanged(saved ?? undefined);
  });
  useEffect(() => {
    if (written.current === draft.text) draft.reset();
    written.current = null;
  }, [etag]);
  // Not after painting: a user who leaves at once is asked, too, and the end of another rule's form clears nothing of
  // this one.
  useLayoutEffect(() => noteUnsaved(draft.isChanged && isEditable && written.current !== draft.text));
  useLayoutEffect(() => () => noteUnsaved(false), []);
  const change = (changed: MadeCard) => {
    draft.card.value = changed;
    draft.typed.value = null;
  };
  return (
    <div class="rule2">
      <form class="panel" aria-labelledby="rule" onSubmit={() => isReady && void save()}>
        <header>
          <Title rule={rule} card={card} isTyped={draft.typed.value !== null} />
        </header>
        <div class="sentence">
          {card.kind === "own" && failure !== null ? null : (
            <Sentence
              card={card}
              bone={isLoading ? boneOf(rule, draft) : null}
              places={places}
              isEditable={isEditable}
              onChange={change}
            />
          )}
          <Tell rule={rule} card={card} draft={draft} isEditable={isEditable} />
          <div class="row">
            <span>{ruleWords.value.theyGet}</span>
            <Preview draft={draft} card={card} name={name || "rule"} trials={value ?? null} places={places} />
          </div>
          {isTaken ? (
            <p class="note bad" role="alert">
              {w.taken}
            </p>
          ) : null}
          {isEditable ? (
            <Acts rule={rule} etag={etag} isReady={isReady} isChanged={draft.isChanged} onChanged={onChanged} />
          ) : null}
        </div>
        <Advanced
          rule={rule}
          draft={draft}
          card={card}
          made={value?.pattern ?? rule?.pattern}
          usualName={usualName}
          fault={fault}
          isEditable={isEditable}
        />
      </form>
      <Tester trials={trials} matching={matching} card={card} places={places} />
    </div>
  );
}

/** The size of a sentence is kept for a new rule's first one: what is typed later moves nothing. */
const boneOf = (rule: Rule | null, { isChanged }: Draft) => (rule === null && !isChanged ? "whole" : "l");

interface ActsProps extends Pick<EditorProps, "rule" | "etag" | "onChanged"> {
  isReady: boolean;
  isChanged: boolean;
}

function Acts({ rule, etag, isReady, isChanged, onChanged }: ActsProps) {
  const { rules: w } = words.value;
  return (
    <span class="line">
      <Button look="main" type="submit" disabled={!isReady}>
        {words.value.save}
      </Button>
      {rule === null ? null : <Ping name={rule.name} />}
      {rule === null ? null : <Resend rule={rule} />}
      {isChanged ? <span class="quiet">{w.unsaved}</span> : null}
      <span class="end" />
      {rule === null ? null : (
        <Remove name={rule.name} etag={etag} onRemoved={() => onChanged(null)} onRefused={onChanged} />
      )}
    </span>
  );
}

/** The card that is shown, and the name that a new rule of it gets; empty if it has to be typed. */
function shownOf({ card, typed }: Draft, tried: Card | undefined, taken: readonly string[]) {
  if (typed.value !== null) return { card: tried ?? { kind: "own" as const }, usualName: "" };
  return { card: shownCard(card.value, tried), usualName: freeName(card.value, taken) };
}

/** The server adds the zone of the hours. */
function shownCard(card: Card, tried: Card | undefined): Card {
  if (!("zone" in card) || tried === undefined || !("zone" in tried)) return card;
  return { ...card, zone: card.zone ?? tried.zone };
}

function Title({ rule, card, isTyped }: { rule: Rule | null; card: Card; isTyped: boolean }) {
  const usual = isTyped ? words.value.rules.new : titleOfCard(card);
  return (
    <>
      <h2 id="rule">{rule === null ? usual : <RuleTitle rule={rule} />}</h2>
      {rule === null ? null : <ChangedBy rule={rule} />}
    </>
  );
}

function ChangedBy({ rule: { by, changedAt } }: { rule: Rule }) {
  if (by === null || changedAt === null) return null;
  const name = "account" in by ? by.name : by.note;
  return <bdi class="meta end">{ruleWords.value.by(name ?? "–", shortDay(changedAt))}</bdi>;
}

interface Props {
  draft: Draft;
  card: Card;
  /** Of the rule. */
  name: string;
  trials: Trials | null;
  places: Places;
}

/** The message that people get over the chosen channel: of the latest passing that matches, else of the latest. */
function Preview({ draft, card, name, trials, places }: Props) {
  const w = ruleWords.value;
  const { type, url, template, quietZone } = draft;
  const event = shownEvent(trials);
  const box = namedIn(card, places);
  const subject = box !== null ? { box } : event && { event: event.id };
  const asked =
    type.value === "" || subject === null
      ? null
      : {
          type: type.value,
          about: aboutOf(card),
          rule: name,
          url: url.value,
          template: template.value === "" ? null : template.value,
          zone: quietZone.value,
          ...subject,
        };
  const { state } = useLoading(`alert ${JSON.stringify(asked)}`, async (signal) =>
    asked === null ? null : gatepost().ask("POST /v1/rules/preview", { body: asked, signal }),
  );
  const shown = state.value.value;
  if (type.value === "") return <p class="bubble quiet">{w.programGets}</p>;
  if (asked === null) return <p class="bubble quiet">{w.noPreview}</p>;
  if (shown === null) return <p class="bubble quiet">…</p>;
  return (
    <div class="bubble">
      {shown.picture === "sent" && event !== null ? <Portrait of={event} width={64} height={80} /> : null}
      <div>
        <b>
          <bdi>{shown.title}</bdi>
        </b>
        {shown.lines.map((line, number) => (
          <p key={`${number} ${line.map(({ text }) => text).join("")}`}>
            {line.map(({ text, isLink }) => (isLink ? <u key={text}>{text}</u> : <bdi key={text}>{text}</bdi>))}
          </p>
        ))}
      </div>
    </div>
  );
}

/** The box or the rule that a preview is about; null if it is about a passing. */
function namedIn({ kind }: Card, { boxes: [first] }: Places): string | null {
  if (kind === "targets") return ruleWords.value.program;
  return kind === "silence" ? (first?.id ?? "gate-1") : null;
}

function aboutOf(card: Card) {
  if (card.kind === "silence") return "silent" as const;
  if (card.kind === "targets") return "target-failing" as const;
  if (card.kind === "visitors") return "visitor-arrived" as const;
  if (card.kind !== "requests") return "passing" as const;
  return card.wants.includes("1001") ? ("register-stranger" as const) : ("update-photo" as const);
}

const missesOf = ({ matches, why }: Trial) => (matches ? -1 : why.filter(({ holds }) => !holds).length);

/** The latest passing that matches, else the nearest one. */
function shownEvent(trials: Trials | null): Event | null {
  const nearest = trials?.events.toSorted((one, other) => missesOf(one) - missesOf(other))[0];
  return nearest === undefined ? null : recall(nearest.event);
}
