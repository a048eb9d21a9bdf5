import type { Api, Rule } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { shortMs } from "../format/number.ts";
import { Button } from "../parts/button.tsx";
import { Head } from "../parts/head.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { State } from "../parts/mark.tsx";
import { inLanguageOrAsIs } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { isLimited, isManager } from "../state/role.ts";
import { gatepost, me } from "../state/session.ts";
import { leaveFor } from "../state/unsaved.ts";
import { words } from "../words/index.ts";
import { Editor } from "./editor.tsx";

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
  const isEditable = isManager.value && me.value?.server.rules === "editable";
  const choose = (name: string) => {
    if (chosen.value !== name) leaveFor(() => (chosen.value = name));
  };
  const changed = (next?: string | null) => {
    if (next !== undefined) chosen.value = next;
    shown.current = null;
    loading.reload();
  };
  return (
    <>
      <Head title={pages.rules} say={me.value?.server.rules === "elsewhere" ? w.elsewhere : w.about}>
        {isEditable ? (
          <span class="end">
            <Button icon="plus" look="main" onClick={() => choose("")}>
              {w.new}
            </Button>
          </span>
        ) : null}
      </Head>
      <Loaded of={loading}>
        {(listing) => <Content listing={listing} chosen={chosen} isEditable={isEditable} onChanged={changed} />}
      </Loaded>
    </>
  );
}

interface ContentProps {
  listing: Listing;
  /** The name of the rule that is looked at; empty for a new one. */
  chosen: { value: string | null };
  isEditable: boolean;
  onChanged(shown?: string | null): void;
}

function Content({ listing: { rules, faults, etag }, chosen, isEditable, onChanged }: ContentProps) {
  const { rules: w } = words.value;
  /** The rule whose editor is open. If another user removed it, the draft stays, as the draft of a new rule. */
  const edited = useRef("");
  if (rules.length === 0 && faults.length === 0 && chosen.value === null) {
    return isLimited.value ? (
      <Blank icon="rules" title={w.untoldTitle} why={w.untoldWhy} />
    ) : (
      <Blank icon="rules" title={w.noneTitle} why={w.noneWhy} />
    );
  }
  const open = chosen.value;
  const rule = rules.find(({ name }) => name === (chosen.value ?? rules[0]?.name)) ?? null;
  edited.current = rule?.name ?? (chosen.value === edited.current ? edited.current : "");
  // A user who has opened another rule before the answer stays there, and a refused save leads no one away: the first
  // rule may be another one by then.
  const changed = (shown: string | null = edited.current) => onChanged(chosen.value === open ? shown : undefined);
  return (
    <div class="split keep-list">
      <nav class="panel" aria-label={w.list}>
        <ul class="groups">
          {rules.map((one) => (
            <li key={one.name}>
              <button
                type="button"
                class="group"
                aria-current={one === rule ? "true" : undefined}
                onClick={() => {
                  if (one !== rule) leaveFor(() => (chosen.value = one.name));
                }}
              >
                <b>
                  <bdi>{one.name}</bdi>
                </b>
                {one.waiting + one.dead > 0 ? (
                  <span class="count">{one.waiting + one.dead}</span>
                ) : (
                  <State tone={one.warning === undefined ? "ok" : "bad"} />
                )}
                <span class="meta">{summaryOf(one)}</span>
                {one.warning === undefined ? null : (
                  <bdi class="meta">{w.neverMatches(inLanguageOrAsIs(one.warning))}</bdi>
                )}
              </button>
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
      </nav>
      <Editor
        key={edited.current}
        rule={rule}
        etag={etag}
        isEditable={isEditable}
        taken={rules.map(({ name }) => name)}
        onChanged={changed}
      />
    </div>
  );
}

function summaryOf({ waiting, dead, last }: Rule): string {
  const { rules: w } = words.value;
  const answer = last === null ? w.neverAsked : w.lastAnswer(String(last.status ?? "–"), shortMs(last.ms));
  return waiting + dead > 0 ? `${answer} · ${w.summary(waiting, dead)}` : answer;
}
