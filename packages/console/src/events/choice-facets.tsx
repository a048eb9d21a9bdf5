import { query, setQuery } from "../state/route.ts";
import { entryOf } from "../words/entry-of.ts";
import { Facet } from "./facet.tsx";
import type { FilterName } from "./filter.ts";

interface ChoiceFacetProps {
  parameterName: FilterName;
  label: string;
  values: readonly string[];
  choices: Readonly<Record<string, unknown>>;
}

/** A filter by one of a few. */
export function ChoiceFacet({ parameterName, label, values, choices }: ChoiceFacetProps) {
  const chosen = query.value[parameterName] ?? [];
  return (
    <Facet
      name={label}
      value={
        chosen.length === 0 ? null : <bdi>{chosen.map((one) => String(entryOf(choices, one) ?? one)).join(", ")}</bdi>
      }
      onRemove={() => setQuery({ [parameterName]: null })}
    >
      {(close) => (
        <ul class="choices">
          {values.map((one) => (
            <li key={one}>
              <button
                type="button"
                class="btn bare"
                aria-pressed={chosen.includes(one)}
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
