import { useId } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { parameter, setQuery } from "../state/route.ts";
import { entryOf } from "../words/entry-of.ts";
import { words } from "../words/index.ts";
import { Facet } from "./facet.tsx";
import type { FilterName } from "./filter.ts";

interface TextFacetProps {
  parameterName: FilterName;
  label: string;
  placeholder: string;
  /** What was seen lately, to choose from. */
  known: readonly string[];
}

/** A filter by something that is typed, or chosen from what was seen lately. */
export function TextFacet({ parameterName, label, placeholder, known }: TextFacetProps) {
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

/** A filter by one of a few. */
export function ChoiceFacet({ parameterName, label, values, choices }: ChoiceFacetProps) {
  const value = parameter(parameterName);
  return (
    <Facet
      name={label}
      value={value === null ? null : String(entryOf(choices, value) ?? value)}
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
