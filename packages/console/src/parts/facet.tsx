import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { query, setQuery } from "../state/route.ts";
import { entryOf, words } from "../words/index.ts";
import { Icon } from "./icon.tsx";
import { closeOutside, Menu, Popover } from "./popover.tsx";

/** The filters of a list, in one row. */
export function FacetRow({ children }: { children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as one row that scrolls.
    <div class="facets sideways" role="group" aria-label={words.value.filters.group}>
      {children}
    </div>
  );
}

interface FacetProps {
  name: string;
  /** The chosen value, in words; null if nothing is chosen. */
  value: ComponentChildren;
  /** Left out for a filter that always has a value. */
  onRemove?: () => void;
  /** The choices. The function receives a callback that closes them. */
  children(close: () => void): ComponentChildren;
}

/** One filter: a button that shows the chosen value and opens the choices. */
export function Facet({ name, value, onRemove, children }: FacetProps) {
  const isOpen = useSignal(false);
  const place = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    isOpen.value = false;
    button.current?.focus();
  };
  // The button that was pressed goes with what it takes away.
  const remove = () => {
    onRemove?.();
    button.current?.focus();
  };
  useEffect(() => closeOutside(place, isOpen), []);
  const leave = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && place.current?.contains(relatedTarget) !== true) isOpen.value = false;
  };
  return (
    <span class="facet-place" ref={place} onFocusOut={leave}>
      <span class={value === null ? "facet" : "facet on"}>
        <button
          type="button"
          ref={button}
          aria-haspopup="dialog"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {value === null ? <Icon name="plus" /> : null}
          {name} {value === null ? null : <b>{value}</b>}
        </button>
        {value === null || onRemove === undefined ? null : (
          <button type="button" class="x" aria-label={words.value.filters.remove(name)} onClick={remove}>
            ×
          </button>
        )}
      </span>
      {isOpen.value ? (
        <Popover name={name} onClose={close}>
          {children(close)}
        </Popover>
      ) : null}
    </span>
  );
}

interface ChoiceFacetProps {
  parameterName: string;
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
        <Menu
          choices={values.map((one) => [one, <WithCode key={one} text={String(choices[one])} code={one} />] as const)}
          isChosen={(one) => chosen.includes(one)}
          onChoose={(one) => setQuery({ [parameterName]: one })}
          close={close}
        />
      )}
    </Facet>
  );
}

function WithCode({ text, code }: { text: string; code: string }) {
  return (
    <>
      {text} <span class="meta mono">{code}</span>
    </>
  );
}

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
        <Menu
          choices={choices.map(([value, name]) => [value, <bdi key={value}>{name}</bdi>] as const)}
          isChosen={(value) => value === chosen}
          onChoose={onChoose}
          close={close}
        />
      )}
    </Facet>
  );
}
