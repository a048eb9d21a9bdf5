import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { maxIdLength } from "../state/filter.ts";
import type { Seen } from "../state/known-events.ts";
import { query, setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Facet } from "./facet.tsx";
import { Check } from "./field.tsx";
import { Menu } from "./popover.tsx";

interface TextFacetProps {
  parameterName: string;
  label: string;
  placeholder: string;
  /** Recently seen values to choose from. */
  known: readonly Seen[];
  /** Characters that it may have. */
  longest?: number;
}

/** A filter by a typed text, or a recently seen value. An address may contain several. */
export function TextFacet({ parameterName, label, placeholder, known, longest = maxIdLength }: TextFacetProps) {
  const chosen = query.value[parameterName] ?? [];
  const choose = (values: readonly string[]) => setQuery({ [parameterName]: values.length === 0 ? null : values });
  return (
    <Facet
      name={label}
      value={chosen.length === 0 ? null : <bdi class="as-is">{chosen.join(", ")}</bdi>}
      onRemove={() => choose([])}
    >
      {(close) => (
        <TextChoice
          label={label}
          chosen={chosen}
          placeholder={placeholder}
          known={known}
          longest={longest}
          onLeave={(value) => choose(chosen.filter((one) => one !== value))}
          onChoose={(text) => {
            // One takes the place of another; to several it is added.
            choose([...new Set([...(chosen.length > 1 ? chosen : []), text])].filter((one) => one !== ""));
            close();
          }}
        />
      )}
    </Facet>
  );
}

interface TextChoiceProps {
  label: string;
  chosen: readonly string[];
  placeholder: string;
  known: readonly Seen[];
  longest: number;
  onChoose(text: string): void;
  onLeave(text: string): void;
}

function TextChoice({ label, chosen, placeholder, known, longest, onChoose, onLeave }: TextChoiceProps) {
  const id = useId();
  const first = chosen.length === 1 ? (chosen[0] ?? "") : "";
  const typed = useSignal(first);
  // As it is: an id may begin or end with a space.
  const submit = () => onChoose(typed.value);
  const sought = typed.value === first ? "" : typed.value.toLowerCase();
  const found = known.filter(({ id, name }) => `${name ?? ""}\n${id}`.toLowerCase().includes(sought));
  return (
    <form class="form" onSubmit={submit}>
      {chosen.length < 2 ? null : <Chosen values={chosen} onLeave={onLeave} />}
      <label for={id}>{label}</label>
      <input
        class="field"
        id={id}
        value={typed.value}
        onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
        placeholder={placeholder}
        maxLength={longest}
        autocomplete="off"
      />
      <Offers found={found} onChoose={onChoose} />
      <Button look="main" type="submit">
        {words.value.filters.apply}
      </Button>
    </form>
  );
}

/** Values of which each can be taken away. */
function Chosen({ values, onLeave }: { values: readonly string[]; onLeave(text: string): void }) {
  return (
    <div>
      {values.map((one) => (
        <Check key={one} label={<bdi class="as-is">{one}</bdi>} isOn onChange={() => onLeave(one)} />
      ))}
    </div>
  );
}

/** Maximum number of known values on offer; typing finds the others. */
const maxShown = 50;

function Offers({ found, onChoose }: { found: readonly Seen[]; onChoose(text: string): void }) {
  return (
    <>
      {found.length === 0 ? null : (
        <Menu
          choices={found.slice(0, maxShown).map((one) => [one.id, <Offer key={one.id} of={one} />] as const)}
          onChoose={onChoose}
        />
      )}
      {found.length > maxShown ? <p class="meta">{words.value.live.more(found.length - maxShown)}</p> : null}
    </>
  );
}

function Offer({ of: { id, name } }: { of: Seen }) {
  if (name === null) return <bdi class="as-is">{id}</bdi>;
  return (
    <>
      <bdi>{name}</bdi> <bdi class="meta as-is">{id}</bdi>
    </>
  );
}
