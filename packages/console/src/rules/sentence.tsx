import { Select } from "../parts/field.tsx";
import { words } from "../words/index.ts";
import { ruleWords } from "../words/rules.ts";
import { Between } from "./between.tsx";
import type { Card, CardGates, CardWithHours, MadeCard, Places } from "./card.ts";
import { placeWords } from "./card.ts";
import { usePersonName } from "./places.ts";

interface Props<Of extends MadeCard> {
  card: Of;
  places: Places;
  isEditable: boolean;
  onChange(card: MadeCard): void;
}

/**
 * What a rule is about: persons, a place, and hours.
 *
 * @param bone the form of its bones while the server reads a pattern; null once it is read
 */
export function Sentence({
  card,
  bone,
  ...props
}: Omit<Props<MadeCard>, "card"> & { card: Card; bone: string | null }) {
  const w = ruleWords.value;
  // A pattern may turn out to have a sentence once the server has read it.
  if (card.kind === "own") return bone === null ? <p class="quiet">{w.isOwn}</p> : <span class={`bone ${bone}`} />;
  return (
    <>
      <div class="row">
        <span>{w.when}</span>
        <div class="line">{"from" in card ? <Passing card={card} {...props} /> : <Once card={card} {...props} />}</div>
      </div>
      {"from" in card ? <Between card={card} {...props} /> : null}
    </>
  );
}

type CardOfPlace = Exclude<MadeCard, { kind: "targets" }>;

/** What is announced once: a box, a visitor or a target. */
function Once({ card, ...props }: Props<Exclude<MadeCard, CardWithHours>>) {
  const w = ruleWords.value;
  if (card.kind === "targets") return <span class="said">{w.targetFails}</span>;
  return (
    <>
      {card.kind === "visitors" ? <span>{w.visitorArrives}</span> : null}
      <GateChoice card={card} {...props} />
      {card.kind === "silence" ? <span>{w.fallsSilent}</span> : null}
    </>
  );
}

function Passing({ card, ...props }: Props<CardWithHours>) {
  const w = ruleWords.value;
  return (
    <>
      {card.kind === "requests" ? <WantChoice card={card} {...props} /> : <WhoChoice card={card} {...props} />}
      <span>{card.kind === "requests" ? w.asksAt : w.passesAt}</span>
      <GateChoice card={card} {...props} />
    </>
  );
}

type Who = Exclude<CardWithHours, { kind: "requests" }>;
const kinds = ["strangers", "blacklist", "person", "everything"] as const;

function WhoChoice({ card, isEditable, onChange }: Props<Who>) {
  const w = ruleWords.value;
  const choose = (kind: (typeof kinds)[number]) => {
    const { kind: _, ...rest } = card;
    onChange(kind === "person" ? { who: "", ...rest, kind } : withoutWho({ ...rest, kind }));
  };
  return (
    <>
      <Select
        aria-label={w.whoLabel}
        disabled={!isEditable}
        chosen={card.kind}
        choices={kinds.map((kind) => [kind, w.who[kind]] as const)}
        onChoose={choose}
      />
      {card.kind === "person" ? <PersonField card={card} isEditable={isEditable} onChange={onChange} /> : null}
    </>
  );
}

/** The same card of no certain person. */
function withoutWho({
  who: _,
  ...card
}: Omit<Extract<Who, { kind: "blacklist" | "strangers" | "everything" }>, "kind"> & {
  kind: Exclude<Who["kind"], "person">;
  who?: string;
}): MadeCard {
  return card;
}

function PersonField({ card, isEditable, onChange }: Omit<Props<Extract<Who, { kind: "person" }>>, "places">) {
  const w = ruleWords.value;
  const { name, isKnown } = usePersonName(card.who);
  return (
    <>
      <input
        class="field mono"
        aria-label={w.personId}
        placeholder={w.personId}
        required
        maxLength={1024}
        autocomplete="off"
        readOnly={!isEditable}
        value={card.who}
        onInput={({ currentTarget }) => onChange({ ...card, who: currentTarget.value })}
      />
      {name === null ? null : (
        <b>
          <bdi>{name}</bdi>
        </b>
      )}
      {card.who === "" || isKnown ? null : <span class="meta">{w.personUnknown}</span>}
    </>
  );
}

const wants = [["1001"], ["1002"], ["1001", "1002"]] as const;

function WantChoice({ card, isEditable, onChange }: Props<Extract<CardWithHours, { kind: "requests" }>>) {
  const w = ruleWords.value;
  return (
    <Select
      aria-label={w.wantsLabel}
      disabled={!isEditable}
      chosen={card.wants.join()}
      choices={wants.map((asked) => [asked.join(), asked.length > 1 ? w.wants.both : w.wants[asked[0]]] as const)}
      onChoose={(chosen) =>
        onChange({ ...card, wants: [...(wants.find((one) => one.join() === chosen) ?? card.wants)] })
      }
    />
  );
}

function GateChoice({ card, places, isEditable, onChange }: Props<CardOfPlace>) {
  const w = ruleWords.value;
  const isOfBoxes = card.kind === "silence";
  const worded = (gates: CardGates) => [JSON.stringify(gates), placeWords(gates, isOfBoxes, places)] as const;
  const general = [worded(null), ...places.sites.map(({ id }) => worded({ site: id }))];
  const ofBoxes = places.boxes.map(({ id, name, devices }) => {
    return {
      id,
      name,
      gates: [worded({ box: id }), ...devices.map((device) => worded({ box: id, device: device.id }))],
    };
  });
  const chosen = JSON.stringify(card.gates);
  const isListed = [...general, ...ofBoxes.flatMap(({ gates }) => gates)].some(([value]) => value === chosen);
  const options = (of: readonly (readonly [string, string])[]) =>
    of.map(([value, word]) => (
      <option key={value} value={value}>
        {word}
      </option>
    ));
  return (
    <select
      class="field"
      aria-label={isOfBoxes ? words.value.filters.box : w.gate}
      disabled={!isEditable}
      value={chosen}
      onChange={({ currentTarget }) => onChange({ ...card, gates: JSON.parse(currentTarget.value) as CardGates })}
    >
      {options(isListed ? general : [...general, worded(card.gates)])}
      {ofBoxes.map(({ id, name, gates }) => (
        <optgroup key={id} label={name}>
          {options(gates)}
        </optgroup>
      ))}
    </select>
  );
}
