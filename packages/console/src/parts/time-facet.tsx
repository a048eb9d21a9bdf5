import { useId } from "preact/hooks";
import { isoDay, shortDay, shortTime } from "../format/time.ts";
import { serverTime } from "../state/clock.ts";
import { instantOf } from "../state/filter.ts";
import { parameter, setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Facet } from "./facet.tsx";
import { Menu } from "./popover.tsx";

/** The choices. The address contains the word, so a link to today also works tomorrow. */
const presets = {
  today: ["today", null],
  yesterday: ["yesterday", "today"],
  week: ["week", null],
  month: ["month", null],
} as const;
type Preset = keyof typeof presets;
const presetNames = Object.keys(presets) as Preset[];

export function TimeFacet() {
  return (
    <Facet name={words.value.columns.time} value={stretchInWords()} onRemove={() => setQuery({ from: null, to: null })}>
      {(close) => <Choice onDone={close} />}
    </Facet>
  );
}

/** The time that is filtered by, in words; null where it is not. */
export function stretchInWords(): string | null {
  const { filters: w } = words.value;
  const [from, to] = [parameter("from"), parameter("to")];
  if (from === null && to === null) return null;
  const preset = presetNames.find((name) => presets[name][0] === from && presets[name][1] === to);
  if (preset !== undefined) return w[preset];
  if (to === null) return w.since(momentInWords(from ?? ""));
  if (from === null) return w.until(momentInWords(to));
  return w.between(momentInWords(from), momentInWords(to, from));
}

export function momentInWords(text: string, beside?: string): string {
  const at = Date.parse(instantOf(text, serverTime()) ?? "");
  if (Number.isNaN(at)) return text;
  const isSameDay = beside !== undefined && isoDay(at) === isoDay(Date.parse(beside));
  return isSameDay ? shortTime(at) : `${shortDay(at)} ${shortTime(at)}`;
}

function Choice({ onDone }: { onDone(): void }) {
  const { filters: w } = words.value;
  const choose = (from: string | null, to: string | null) => {
    setQuery({ from, to });
    onDone();
  };
  const submit = ({ currentTarget }: { currentTarget: HTMLFormElement }) => {
    const form = new FormData(currentTarget);
    choose(isoOf(form.get("from")), isoOf(form.get("to")));
  };
  return (
    <>
      <Menu
        choices={presetNames.map((name) => [name, w[name]] as const)}
        onChoose={(name) => choose(presets[name][0], presets[name][1])}
      />
      <form class="form" onSubmit={submit}>
        <Edge name="from" label={w.from} />
        <Edge name="to" label={w.to} />
        <Button look="main" type="submit">
          {w.apply}
        </Button>
      </form>
    </>
  );
}

function Edge({ name, label }: { name: "from" | "to"; label: string }) {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <input class="field" id={id} name={name} type="datetime-local" defaultValue={localOf(parameter(name))} />
    </>
  );
}

/** The form of `datetime-local`, in this browser's zone. */
function localOf(text: string | null): string {
  const at = Date.parse(instantOf(text ?? undefined, serverTime()) ?? "");
  if (Number.isNaN(at)) return "";
  const date = new Date(at);
  return `${isoDay(at)}T${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

function isoOf(typed: FormDataEntryValue | null): string | null {
  const at = new Date(String(typed ?? "")).getTime();
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
