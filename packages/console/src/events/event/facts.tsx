import type { Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { size } from "../../format/number.ts";
import { clockTime } from "../../format/time.ts";
import { addressOf, pathOfPerson } from "../../state/address.ts";
import { hasPeople } from "../../state/role.ts";
import { libraryOf } from "../../state/sites.ts";
import { words } from "../../words/index.ts";

/** What few want to read: written out only when it is opened. */
export function Folds({ event }: { event: Event }) {
  const { event: w } = words.value;
  const json = JSON.stringify(event, null, 2);
  const extra = Object.keys(event.extra).length;
  return (
    <section class="panel folds">
      <Fold title={w.json} about={w.jsonSize(size(json.length))} text={json} />
      <Fold
        title={w.extra}
        about={w.extraCount(extra)}
        text={extra === 0 ? w.nothingElse : JSON.stringify(event.extra, null, 2)}
      />
    </section>
  );
}

function Fold({ title, about, text }: { title: string; about: string; text: string }) {
  const isOpen = useSignal(false);
  return (
    <details
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>
        {title}
        <span class="meta end">{about}</span>
      </summary>
      {isOpen.value ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keys.
        <pre class="code sideways" tabIndex={0}>
          <bdi>{text}</bdi>
        </pre>
      ) : null}
    </details>
  );
}

/** What the box says of the person, the picture and itself. What it did not say is left out. */
export function Facts({ event }: { event: Event }) {
  const { event: w, filters } = words.value;
  const { person, device, box, attributes, quality, enteredAt, leftAt } = event;
  const registrable = quality.registrable === null ? "unknown" : quality.registrable ? "good" : "poor";
  return (
    <section class="panel" aria-labelledby="saw">
      <header>
        <h2 id="saw">{w.saw}</h2>
      </header>
      <dl class="facts body">
        <Fact name={filters.person}>{person.id === null ? null : <PersonId id={person.id} of={event} />}</Fact>
        <Fact name={w.group}>{person.group}</Fact>
        <Fact name={w.ageGender}>{ageAndGender(attributes)}</Fact>
        <Fact name={w.glasses}>{yesOrNo(attributes.glasses)}</Fact>
        <Fact name={filters.result}>{resultOf(event)}</Fact>
        <Fact name={w.method}>{event.method === null ? null : (w.methods[event.method] ?? event.method)}</Fact>
        <Fact name={w.card}>{event.card === null ? null : <bdi class="mono">{event.card}</bdi>}</Fact>
        <Fact name={w.temperature}>{attributes.temperature === null ? null : `${attributes.temperature} °C`}</Fact>
        <Fact name={w.mask}>{yesOrNo(attributes.mask)}</Fact>
        <Fact name={w.quality}>{w.qualities[registrable]}</Fact>
        <Fact name={filters.device}>{deviceOf(device)}</Fact>
        <Fact name={w.licence}>{box.serial === null ? null : <bdi class="mono">{box.serial}</bdi>}</Fact>
        <Fact name={w.entered}>{enteredAt === null ? null : clockTime(enteredAt)}</Fact>
        <Fact name={w.left}>{leftAt === null ? null : clockTime(leftAt)}</Fact>
      </dl>
    </section>
  );
}

/** Whether a terminal let the person pass, and why not; nothing if it does not say. */
function resultOf({ result, reason }: Event): string | null {
  const { granted, denied } = words.value.event;
  return result === null ? null : result === "granted" ? granted : denied(reason);
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === null || children === "") return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{typeof children === "string" ? <bdi>{children}</bdi> : children}</dd>
    </>
  );
}

/** Words of boxes for ages and genders; any other word is shown as received. */
const ages = new Map<string, "child" | "juvenile" | "young" | "middle" | "old">([
  ["child", "child"],
  ["juvenile", "juvenile"],
  ["youth", "young"],
  ["young", "young"],
  ["middle", "middle"],
  ["middle_aged", "middle"],
  ["old", "old"],
  ["elderly", "old"],
]);

function ageAndGender({ age, gender }: Event["attributes"]): string | null {
  const { ages: ageWords, genders } = words.value.event;
  const known = age === null ? undefined : ages.get(age.toLowerCase());
  const isGender = gender === "male" || gender === "female";
  const parts = [known === undefined ? age : ageWords[known], isGender ? genders[gender] : gender];
  return parts.filter((part) => part !== null).join(words.value.code === "zh-CN" ? "、" : ", ") || null;
}

function yesOrNo(sent: string | null): string | null {
  const { yes, no } = words.value.event;
  if (sent === null) return null;
  if (/^(1|true|yes|have|glasses)$/i.test(sent)) return yes;
  return /^(0|false|no|none|without)$/i.test(sent) ? no : sent;
}

function deviceOf({ type, direction, ip, id, endpoint, name }: Event["device"]): ComponentChildren {
  const { devices, directions, code } = words.value;
  const kind = [type === null ? null : devices[type], direction === null ? null : directions[direction]]
    .filter((part) => part !== null)
    .join(code === "zh-CN" ? "，" : ", ");
  const where = ip ?? id ?? endpoint;
  if (kind === "" && where === null) return name;
  return (
    <>
      {kind}
      {kind === "" || where === null ? "" : " · "}
      {where === null ? null : <bdi class="mono">{where}</bdi>}
    </>
  );
}

/** The id, which leads to the page of the person for users who have it. A stranger's id is no person. */
function PersonId({ id, of: { person, box } }: { id: string; of: Event }) {
  const shown = <bdi class="mono">{id}</bdi>;
  if (!hasPeople.value || person.type === "stranger") return shown;
  return (
    <a href={addressOf("person", pathOfPerson({ library: libraryOf(box.id), id }))}>
      <u>{shown}</u>
    </a>
  );
}
