import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Head } from "../parts/head.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { recall, remember } from "../state/known-events.ts";
import { useLoading } from "../state/loading.ts";
import { isLimited, mayWriteRules } from "../state/role.ts";
import { address, go, goInstead } from "../state/route.ts";
import { gatepost, me } from "../state/session.ts";
import { leaveFor } from "../state/unsaved.ts";
import { words } from "../words/index.ts";
import { cardLike, cardOfAddress, isWay } from "./card.ts";
import type { Start } from "./draft.ts";
import { Editor } from "./editor.tsx";
import { RuleList, Ways } from "./list.tsx";
import { usePlaces } from "./places.ts";

type Listing = Api["GET /v1/rules"]["answer"];

/** Between two looks at how subscribers answer. */
const everyMs = 15_000;

/** Who hears of what? */
export function RulesPage() {
  const { pages, rules: w } = words.value;
  const shown = useRef<Listing | null>(null);
  const ask = async (signal: AbortSignal) => {
    const found = await gatepost().ask("GET /v1/rules", { signal });
    signal.throwIfAborted();
    // Changes by another user are not mixed into the open draft: the user is told when saving.
    if (shown.current === null || shown.current.etag === found.etag) shown.current = found;
    return shown.current;
  };
  const loading = useLoading("rules", ask, { every: everyMs });
  const chosen = useSignal<string | null>(null);
  const isEditable = mayWriteRules.value;
  const choose = (name: string) => {
    if (chosen.value === name && !isBegun()) return;
    leaveFor(() => {
      chosen.value = name;
      if (isBegun()) goInstead("rules");
    });
  };
  const changed = (next?: string | null) => {
    if (next !== undefined) {
      chosen.value = next;
      if (isBegun()) goInstead("rules");
    }
    shown.current = null;
    loading.reload();
  };
  return (
    <>
      <Head title={pages.rules} say={me.value?.server.rules === "elsewhere" ? w.elsewhere : w.about}>
        {isEditable ? (
          <span class="end">
            <Button icon="plus" onClick={() => choose("")}>
              {w.new}
            </Button>
          </span>
        ) : null}
      </Head>
      <Loaded of={loading}>
        {(listing) => (
          <Content
            listing={listing}
            chosen={chosen.value}
            isEditable={isEditable}
            onChoose={choose}
            onChanged={changed}
          />
        )}
      </Loaded>
    </>
  );
}

/** Whether the address begins a new rule. */
const isBegun = () => address.peek().id === "new";

interface ContentProps {
  listing: Listing;
  /** The name of the rule that is looked at; empty for a new one, null for the first. */
  chosen: string | null;
  isEditable: boolean;
  onChoose(name: string): void;
  onChanged(shown?: string | null): void;
}

function Content({ listing, chosen, isEditable, onChoose, onChanged }: ContentProps) {
  const { rules, faults, etag } = listing;
  const places = usePlaces();
  const begun = useBegun();
  /** The rule whose editor is open. If another user removed it, the draft stays, as the draft of a new rule. */
  const edited = useRef("");
  const begin = (way: string) => go("rules", "new", { card: [way] });
  if (rules.length === 0 && faults.length === 0 && chosen === null && begun === null) {
    return <NoRules isEditable={isEditable} onBegin={begin} />;
  }
  const rule = begun === null ? (rules.find(({ name }) => name === (chosen ?? rules[0]?.name)) ?? null) : null;
  edited.current = rule?.name ?? (chosen === edited.current && begun === null ? edited.current : "");
  // A refused save leads no one away: the first rule may be another one by then.
  const changed = (shown: string | null = edited.current) =>
    onChanged(isSame({ chosen, begun }, now.current) ? shown : undefined);
  const now = useRef({ chosen, begun });
  now.current = { chosen, begun };
  return (
    <div class="split keep-list">
      <nav class="panel" aria-label={words.value.pages.rules}>
        <RuleList
          rules={rules}
          faults={faults}
          etag={etag}
          places={places}
          isEditable={isEditable}
          onChoose={onChoose}
          shown={rule}
          onChanged={() => onChanged(undefined)}
        />
        {isEditable ? <Ways onBegin={begin} /> : null}
      </nav>
      {begun?.start === null ? null : (
        <Editor
          key={begun === null ? edited.current : begun.key}
          rule={rule}
          start={begun?.start ?? ownStart}
          etag={etag}
          isEditable={isEditable}
          taken={rules.map(({ name }) => name)}
          places={places}
          onChanged={changed}
        />
      )}
    </div>
  );
}

/** Without a rule there are the ways to begin, for users who may. */
function NoRules({ isEditable, onBegin }: { isEditable: boolean; onBegin(way: string): void }) {
  const { rules: w } = words.value;
  if (isEditable) {
    return (
      <div class="panel wide-ways">
        <Ways onBegin={onBegin} />
      </div>
    );
  }
  return isLimited.value ? (
    <Blank icon="rules" title={w.untoldTitle} why={w.untoldWhy} />
  ) : (
    <Blank icon="rules" title={w.noneTitle} why={w.noneWhy} />
  );
}

const ownStart = { card: { kind: "own" as const } };

interface Open {
  chosen: string | null;
  begun: Begun | null;
}

/** Whether the same rule is open as before: a user who has opened another one stays there. */
function isSame(before: Open, after: Open): boolean {
  return before.chosen === after.chosen && before.begun?.key === after.begun?.key;
}

/** A new rule that the address begins. */
interface Begun {
  /** Another one is another draft. */
  key: string;
  /** Null until the event that it begins with is here. */
  start: Start | null;
}

/** The rule that `#/rules/new?card=&from=` begins; null at another address. */
function useBegun(): Begun | null {
  const { id, query } = address.value;
  const isNew = id === "new";
  const [from] = query["from"] ?? [];
  const [way = null] = query["card"] ?? [];
  const key = isNew ? `new ${way} ${from} ${query["want"] ?? ""} ${query["site"] ?? ""}` : "";
  const { state } = useLoading(`start ${key}`, async (signal): Promise<Begun | null> => {
    if (!isNew) return null;
    const event = from === undefined ? null : (recall(from) ?? (await fetchEvent(from, signal)));
    const usual = isWay(way) ? cardOfAddress(way, query) : null;
    const like = event === null ? null : cardLike(event);
    return { key, start: { card: (like?.kind === way || usual === null ? like : usual) ?? { kind: "own" } } };
  });
  if (!isNew) return null;
  const { value } = state.value;
  return value?.key === key ? value : { key, start: null };
}

/** Null if it is gone. */
async function fetchEvent(id: string, signal: AbortSignal) {
  const event = await gatepost()
    .ask("GET /v1/events/{id}", { path: { id }, signal })
    .catch(() => null);
  if (event !== null) remember(event);
  return event;
}
