import type { Api } from "@gatepost/client";
import { count } from "../format/number.ts";
import { near } from "../format/time.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Switch } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { useLoading, useOnce } from "../state/loading.ts";
import { undoTaught } from "../state/mappings/undo.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { teachWords } from "../words/teach.ts";

type Mapping = Api["GET /v1/mappings"]["answer"]["mappings"][number];
/** An answer has all members, though its type has not. */
type Whole = Mapping & Api["PUT /v1/mappings/{id}"]["body"];

const everyMs = 60_000;

/** The reports that Gatepost was taught, each with how many events it makes. */
export function Taught() {
  const { taught: w } = teachWords.value;
  const { sections, do: acts } = settingsWords.value;
  const loading = useLoading("mappings", (signal) => gatepost().ask("GET /v1/mappings", { signal }), {
    every: everyMs,
  });
  return (
    <Loaded of={loading} as="rows">
      {({ mappings }) =>
        mappings.length === 0 ? (
          <Blank icon="problems" title={w.none} why={w.noneWhy}>
            <a class="btn" href={addressOf("problems")}>
              {words.value.pages.problems}
            </a>
          </Blank>
        ) : (
          <section class="panel taught" aria-labelledby="taught">
            <header>
              <h2 id="taught">{sections.taught}</h2>
              <span class="meta">{w.about}</span>
            </header>
            <Table label={sections.taught} heads={[w.name, words.value.filters.box, w.today, w.last]} hidden={acts}>
              {mappings.map((mapping) => (
                <Row key={mapping.id} of={mapping} onChanged={loading.reload} />
              ))}
            </Table>
          </section>
        )
      }
    </Loaded>
  );
}

function Row({ of: mapping, onChanged }: { of: Mapping; onChanged(): void }) {
  const { taught: w, ...all } = teachWords.value;
  const { id, name, box, isOn, lastAt, isExact } = mapping;
  const today = isExact ? count(mapping.today) : w.atLeast(mapping.today);
  const last = lastAt === null ? w.never : near(lastAt, now.value);
  const toggle = useOnce(async () => {
    await attempt(async () => {
      await gatepost().ask("PUT /v1/mappings/{id}", { path: { id }, body: { ...(mapping as Whole), isOn: !isOn } });
      say(isOn ? w.switchedOff(name) : w.switchedOn(name));
    });
    onChanged();
  });
  const remove = async () => {
    await gatepost().ask("DELETE /v1/mappings/{id}", { path: { id } });
    say(w.removed(name));
    onChanged();
  };
  const undo = () => undoTaught(id).then(onChanged);
  const where = box ?? all.everyBox;
  return (
    <tr>
      <td class="who">
        <b>
          <bdi>{name}</bdi>
        </b>
        <bdi class="phone meta">{`${where} · ${w.today}: ${today} · ${last}`}</bdi>
      </td>
      <td class="opt">
        <bdi>{where}</bdi>
      </td>
      <td class="opt">{today}</td>
      <td class="opt quiet">{last}</td>
      <td class="num">
        <span class="line">
          <Switch isOn={isOn} aria-label={w.isOn(name)} onChange={() => void toggle()} />
          <a class="btn small" href={addressOf("teach", null, { mapping: [id] })} aria-label={w.changeOf(name)}>
            <Icon name="pencil" />
            {w.change}
          </a>
          <Confirm
            label={w.undo}
            look="small"
            title={<bdi>{w.undoTitle(name)}</bdi>}
            why={<WhatUndoes id={id} />}
            does={words.value.undo}
            onConfirm={undo}
          />
          <Confirm
            label={w.remove}
            look="small risk"
            title={<bdi>{w.removeTitle(name)}</bdi>}
            why={w.removeWhy}
            does={w.removeDo}
            onConfirm={remove}
          />
        </span>
      </td>
    </tr>
  );
}

/** What the undo of a mapping does, with the numbers once they are known. */
function WhatUndoes({ id }: { id: string }) {
  const { taught: w } = teachWords.value;
  const { state } = useLoading(`undo ${id}`, (signal) =>
    gatepost().ask("GET /v1/mappings/{id}/undo", { path: { id }, signal }),
  );
  const { value } = state.value;
  if (value === null) return <>{w.undoWhy}</>;
  const { events, records, stay, isExact } = value;
  return (
    <>
      {w.undoWhat(events, records, isExact)}
      {stay.joined === 0 ? null : ` ${w.undoJoined(stay.joined)}`}
      {stay.gone === 0 ? null : ` ${w.undoGone(stay.gone)}`}
    </>
  );
}
