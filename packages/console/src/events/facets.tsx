import { useId } from "preact/hooks";
import { type Kind, kindWord } from "../format/event.ts";
import { Button } from "../parts/button.tsx";
import { Mark } from "../parts/mark.tsx";
import { seenNames } from "../state/known-events.ts";
import { parameter, query, setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { Facet } from "./facet.tsx";
import type { FilterName } from "./filter.ts";
import { TimeFacet } from "./time-facet.tsx";

const kinds: readonly Kind[] = ["employee", "visitor", "vip", "stranger", "blacklist", "unknown"];

/** All filters of the events, in one row. */
export function Facets() {
  const { filters: w } = words.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as one row that scrolls.
    <div class="facets" role="group" aria-label={w.group}>
      <TimeFacet />
      <KindFacet />
      <BoxFacet />
      <TextFacet
        parameterName="device"
        label={w.device}
        placeholder={w.placeholders.device}
        known={seenNames().devices}
      />
      <ChoiceFacet parameterName="action" label={w.action} choices={words.value.wants} values={["1001", "1002"]} />
      <ChoiceFacet parameterName="flag" label={w.flag} choices={flagNames()} values={Object.keys(flagNames())} />
      <TextFacet parameterName="person" label={w.person} placeholder={w.placeholders.person} known={[]} />
    </div>
  );
}

export function KindFacet() {
  const chosen = query.value["type"] ?? [];
  const toggle = (kind: Kind) =>
    setQuery({ type: chosen.includes(kind) ? chosen.filter((one) => one !== kind) : [...chosen, kind] });
  return (
    <Facet
      name={words.value.filters.kind}
      value={
        chosen.length === 0
          ? null
          : kinds
              .filter((kind) => chosen.includes(kind))
              .map(kindWord)
              .join(", ")
      }
      onRemove={() => setQuery({ type: null })}
    >
      {() =>
        kinds.map((kind) => (
          <label key={kind} class="check">
            <input type="checkbox" checked={chosen.includes(kind)} onChange={() => toggle(kind)} />
            <span class={`kind ${kind}`}>
              <Mark name={kind} />
              {kindWord(kind)}
            </span>
          </label>
        ))
      }
    </Facet>
  );
}

export function BoxFacet() {
  const { filters: w } = words.value;
  return <TextFacet parameterName="box" label={w.box} placeholder={w.placeholders.box} known={seenNames().boxes} />;
}

interface TextFacetProps {
  parameterName: FilterName;
  label: string;
  placeholder: string;
  /** What was seen lately, to choose from. */
  known: readonly string[];
}

function TextFacet({ parameterName, label, placeholder, known }: TextFacetProps) {
  const value = parameter(parameterName);
  return (
    <Facet
      name={label}
      value={value === null ? null : <bdi>{value}</bdi>}
      onRemove={() => setQuery({ [parameterName]: null })}
    >
      {(close) => (
        <TextChoice
          label={label}
          value={value ?? ""}
          placeholder={placeholder}
          known={known}
          onChoose={(text) => {
            setQuery({ [parameterName]: text === "" ? null : text });
            close();
          }}
        />
      )}
    </Facet>
  );
}

interface TextChoiceProps {
  label: string;
  value: string;
  placeholder: string;
  known: readonly string[];
  onChoose(text: string): void;
}

function TextChoice({ label, value, placeholder, known, onChoose }: TextChoiceProps) {
  const id = useId();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    onChoose(String(new FormData(form).get("text") ?? "").trim());
  };
  return (
    <form class="form" onSubmit={submit}>
      <label for={id}>{label}</label>
      <input
        class="field"
        id={id}
        name="text"
        defaultValue={value}
        placeholder={placeholder}
        maxLength={256}
        autocomplete="off"
      />
      {known.length === 0 ? null : (
        <ul class="choices">
          {known.slice(0, 50).map((one) => (
            <li key={one}>
              <button type="button" class="btn bare" onClick={() => onChoose(one)}>
                <bdi>{one}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Button look="main" type="submit">
        {words.value.filters.apply}
      </Button>
    </form>
  );
}

interface ChoiceFacetProps {
  parameterName: FilterName;
  label: string;
  values: readonly string[];
  choices: Readonly<Record<string, unknown>>;
}

function ChoiceFacet({ parameterName, label, values, choices }: ChoiceFacetProps) {
  const value = parameter(parameterName);
  return (
    <Facet
      name={label}
      value={value === null ? null : String(choices[value] ?? value)}
      onRemove={() => setQuery({ [parameterName]: null })}
    >
      {(close) => (
        <ul class="choices">
          {values.map((one) => (
            <li key={one}>
              <button
                type="button"
                class="btn bare"
                aria-pressed={one === value}
                onClick={() => {
                  setQuery({ [parameterName]: one });
                  close();
                }}
              >
                {String(choices[one])} <span class="meta mono">{one}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Facet>
  );
}

/** Flags that are whole names, and those of single pictures. */
function flagNames(): Record<string, string> {
  const { flags } = words.value.filters;
  const whole = ["clock", "same-person-twice", "shape-unknown", "tolerant-parse", "duplicate-keys"];
  const pictures = ["registered", "face", "scene", "infrared"] as const;
  const named = whole.map((flag) => [flag, flags[flag] ?? flag]);
  const broken = pictures.map((kind) => [
    `picture-unreadable:${kind}`,
    `${flags["picture-unreadable"]}: ${words.value.pictures[kind]}`,
  ]);
  return Object.fromEntries([...named, ...broken]);
}
