import { Facet } from "../events/facet.tsx";

interface PlainFacetProps<Value extends string> {
  label: string;
  choices: readonly (readonly [value: Value, word: string])[];
  chosen: Value | null;
  onChoose(value: Value): void;
  /** Left out for a filter that always has a value. */
  onRemove?: () => void;
}

/** A filter by one of a few, which are shown by their words alone. */
export function PlainFacet<Value extends string>({
  label,
  choices,
  chosen,
  onChoose,
  ...rest
}: PlainFacetProps<Value>) {
  const word = choices.find(([value]) => value === chosen)?.[1] ?? chosen;
  return (
    <Facet name={label} value={word === null ? null : <bdi>{word}</bdi>} {...rest}>
      {(close) => (
        <ul class="choices">
          {choices.map(([value, name]) => (
            <li key={value}>
              <button
                type="button"
                class="btn bare"
                aria-pressed={value === chosen}
                onClick={() => {
                  onChoose(value);
                  close();
                }}
              >
                <bdi>{name}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Facet>
  );
}
