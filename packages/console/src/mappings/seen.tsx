import type { QuarantineRecord } from "@gatepost/client";
import { count } from "../format/number.ts";
import { Select } from "../parts/field.tsx";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { entryOf, words } from "../words/index.ts";
import { teachWords } from "../words/teach.ts";
import {
  factNames,
  isWordFact,
  meaningOf,
  type Press,
  pathsOf,
  type TaughtDraft,
  tableWith,
  type WordFact,
  wordsOfFacts,
} from "./draft.ts";

interface SeenProps {
  draft: TaughtDraft;
  records: readonly QuarantineRecord[];
  onPress(press: Press): void;
}

/** The values that were seen at each fact that is one of a few words, with the word that each means. */
export function SeenValues({ draft, records, onPress }: SeenProps) {
  const places = factNames.flatMap((fact) =>
    isWordFact(fact) ? pathsOf(draft, fact).map((path) => ({ fact, path })) : [],
  );
  if (places.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="seen">
      <header>
        <h2 id="seen">{teachWords.value.seen}</h2>
      </header>
      <div class="body stack">
        {places.map(({ fact, path }) => (
          <Table key={`${fact} ${path}`} fact={fact} path={path} draft={draft} records={records} onPress={onPress} />
        ))}
      </div>
    </section>
  );
}

function Table({ fact, path, draft, records, onPress }: SeenProps & { fact: WordFact; path: string }) {
  const w = teachWords.value;
  const { each } = draft;
  const query = { path, records: records.map(({ id }) => id).join(","), ...(each === undefined ? {} : { each }) };
  const { state } = useLoading(`values ${JSON.stringify(query)}`, (signal) =>
    gatepost().ask("GET /v1/mappings/values", { query, signal }),
  );
  const rows = state.value.value?.values ?? [];
  const seen = rows.map(({ value }) => value);
  const field = draft.fields[fact];
  const rest = field?.else ?? null;
  const mean = (sent: string, word: string) =>
    onPress({ press: "mean", fact, values: tableWith(draft, fact, seen, [sent, word]), rest });
  return (
    <table class="values">
      <thead>
        <tr>
          <th scope="col">
            <bdi>{w.was(path)}</bdi>
          </th>
          <th scope="col">{w.times}</th>
          <th scope="col">{w.means}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ value, count: times }) => (
          <tr key={value}>
            <td>
              <bdi>{value}</bdi>
            </td>
            <td>{count(times)}</td>
            <td>
              <Meaning
                fact={fact}
                label={w.meaning(value, path)}
                chosen={meaningOf(draft, fact, value)}
                onChoose={(word) => mean(value, word)}
              />
            </td>
          </tr>
        ))}
        <tr>
          <td class="quiet">{w.all}</td>
          <td />
          <td>
            <Meaning
              fact={fact}
              label={w.meaning(w.all, path)}
              chosen={rest ?? ""}
              onChoose={(word) =>
                onPress({
                  press: "mean",
                  fact,
                  values: tableWith(draft, fact, seen, ["", ""]),
                  rest: word === "" ? null : word,
                })
              }
            />
          </td>
        </tr>
      </tbody>
    </table>
  );
}

interface MeaningProps {
  fact: WordFact;
  label: string;
  chosen: string;
  onChoose(word: string): void;
}

function Meaning({ fact, label, chosen, onChoose }: MeaningProps) {
  const known: readonly string[] = wordsOfFacts[fact];
  // A word that someone has written as JSON is kept.
  const choices = known.includes(chosen) || chosen === "" ? known : [...known, chosen];
  return (
    <Select
      aria-label={label}
      chosen={chosen}
      choices={[["", teachWords.value.asSent], ...choices.map((word) => [word, wordOf(fact, word)] as const)]}
      onChoose={onChoose}
    />
  );
}

/** A word of a fact, as the other pages show it. */
function wordOf(fact: WordFact, word: string): string {
  const { directions, kinds, event, filters, wants } = words.value;
  const tables: Record<WordFact, Readonly<Record<string, string>>> = {
    "device.direction": directions,
    "person.type": kinds,
    result: filters.results,
    method: event.methods,
    wantAction: { "1001": wants["1001"], "1002": wants["1002"] },
    "attributes.gender": event.genders,
    "attributes.mask": { yes: event.yes, no: event.no },
    "attributes.glasses": { yes: event.yes, no: event.no },
  };
  return entryOf(tables[fact], word) ?? word;
}
