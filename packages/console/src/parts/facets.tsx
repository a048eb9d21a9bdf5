import { type Kind, kindWord } from "../format/event.ts";
import { hasFilter, maxBoxNameLength } from "../state/filter.ts";
import { seenNames } from "../state/known-events.ts";
import { useLoading } from "../state/loading.ts";
import { query, setQuery } from "../state/route.ts";
import { listSites, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { ChoiceFacet, Facet, FacetRow } from "./facet.tsx";
import { Mark } from "./mark.tsx";
import { TextFacet } from "./text-facet.tsx";
import { TimeFacet } from "./time-facet.tsx";
import { ViewButtons } from "./view-buttons.tsx";

const kinds: readonly Kind[] = ["employee", "visitor", "vip", "stranger", "blacklist", "unknown"];

/** All filters of the events, in one row. */
export function Facets() {
  const { filters: w } = words.value;
  return (
    <FacetRow>
      <TimeFacet />
      <KindFacet />
      <SiteFacet />
      <BoxFacet />
      <TextFacet
        parameterName="device"
        label={w.device}
        placeholder={w.placeholders.device}
        known={seenNames().devices}
      />
      <ChoiceFacet parameterName="result" label={w.result} choices={w.results} values={["denied", "granted"]} />
      <ChoiceFacet parameterName="action" label={w.action} choices={words.value.wants} values={["1001", "1002"]} />
      <ChoiceFacet parameterName="flag" label={w.flag} choices={flagNames()} values={Object.keys(flagNames())} />
      <TextFacet parameterName="person" label={w.person} placeholder={w.placeholders.person} known={[]} />
      {hasFilter(query.value) ? <ViewButtons /> : null}
    </FacetRow>
  );
}

interface KindProps {
  parameterName?: string;
  of?: readonly Kind[];
}

export function KindFacet({ parameterName = "type", of = kinds }: KindProps) {
  const chosen = query.value[parameterName] ?? [];
  return (
    <Facet
      name={words.value.filters.kind}
      value={chosen.length === 0 ? null : <bdi>{namesOf(chosen)}</bdi>}
      onRemove={() => setQuery({ [parameterName]: null })}
    >
      {() => <KindChoices parameterName={parameterName} of={of} />}
    </Facet>
  );
}

/** A check for each kind of person. */
export function KindChoices({ parameterName = "type", of = kinds }: KindProps) {
  const chosen = query.value[parameterName] ?? [];
  const toggle = (kind: Kind) =>
    setQuery({ [parameterName]: chosen.includes(kind) ? chosen.filter((one) => one !== kind) : [...chosen, kind] });
  return of.map((kind) => (
    <label key={kind} class="check">
      <input type="checkbox" checked={chosen.includes(kind)} onChange={() => toggle(kind)} />
      <span class={`kind ${kind}`}>
        <Mark name={kind} />
        {kindWord(kind)}
      </span>
    </label>
  ));
}

/** In their order, and then what an address asks for that is no kind: the server refuses it, and it can be taken away. */
function namesOf(chosen: readonly string[]): string {
  const known = kinds.filter((kind) => chosen.includes(kind));
  const others = chosen.filter((one) => !kinds.some((kind) => kind === one));
  return [...known.map(kindWord), ...others].join(", ");
}

/** The site of the boxes. Without several sites there is nothing to choose. */
export function SiteFacet() {
  const { state } = useLoading("sites", listSites);
  const sites = state.value.value ?? [];
  if (sites.length < 2 && query.value["site"] === undefined) return null;
  const names = Object.fromEntries(sites.map(({ id, name }) => [id, siteNameOf({ id, name })]));
  return (
    <ChoiceFacet
      parameterName="site"
      label={words.value.filters.site}
      choices={names}
      values={sites.map(({ id }) => id)}
    />
  );
}

export function BoxFacet() {
  const { filters: w } = words.value;
  const { boxes } = seenNames();
  return (
    <TextFacet
      parameterName="box"
      label={w.box}
      placeholder={w.placeholders.box}
      known={boxes}
      longest={maxBoxNameLength}
    />
  );
}

/** Flags that are whole names, and flags of single pictures. */
function flagNames(): Record<string, string> {
  const { flags } = words.value.filters;
  const whole = [
    "clock",
    "ahead",
    "same-person-twice",
    "unknown-action",
    "shape-unknown",
    "tolerant-parse",
    "duplicate-keys",
  ];
  const pictures = ["registered", "face", "scene", "infrared"] as const;
  const named = whole.map((flag) => [flag, flags[flag] ?? flag]);
  const broken = pictures.map((kind) => [
    `picture-unreadable:${kind}`,
    `${flags["picture-unreadable"]}: ${words.value.pictures[kind]}`,
  ]);
  return Object.fromEntries([...named, ...broken]);
}
