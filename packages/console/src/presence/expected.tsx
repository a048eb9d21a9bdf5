import { count } from "../format/number.ts";
import { State } from "../parts/mark.tsx";
import { Table } from "../parts/table.tsx";
import { BoxText } from "../parts/text.tsx";
import { now } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { addressOfPerson, sinceWords } from "../state/people/presence.ts";
import { goodForMs, readVisits, type Visit } from "../state/people/visits.ts";
import { insideWords } from "../words/inside.ts";
import { visitWords } from "./card.tsx";

/** The visitors who are expected today, with who came and who left; nothing without any. */
export function Expected({ site }: { site: string }) {
  const w = insideWords.value;
  const { state } = useLoading(`visits ${site}`, (signal) => readVisits(site, signal), { every: () => goodForMs });
  const visits = state.value.value ?? [];
  if (visits.length === 0) return null;
  return (
    <section class="panel expected" aria-labelledby="expected">
      <header>
        <h2 id="expected">
          {w.expected} <span class="quiet">{count(visits.length)}</span>
        </h2>
        <span class="meta end">{w.expectedCame(visits.filter(({ came }) => came !== null).length)}</span>
      </header>
      <Table label={w.expected} heads={[...w.expectedColumns]}>
        {visits.map((visit) => (
          <Row key={visit.action} of={visit} />
        ))}
      </Table>
    </section>
  );
}

function Row({ of }: { of: Visit }) {
  const w = insideWords.value;
  const { name, person: id, library, came, left, flags } = of;
  const called = <BoxText text={name ?? id} />;
  return (
    <tr>
      <td class="who two-lines">
        <b>{came === null ? called : <a href={addressOfPerson({ library, id })}>{called}</a>}</b>
        <span class="meta">
          <bdi>{visitWords(of)}</bdi>
        </span>
      </td>
      <td class="two-lines">
        {came === null ? <span class="quiet">{w.notCome}</span> : <b>{w.came(sinceWords(came, now.value))}</b>}
        {flags.includes("before-visit") ? (
          <State tone="wait" label={w.beforeVisit}>
            {w.beforeVisit}
          </State>
        ) : null}
      </td>
      <td class="two-lines">{left === null ? null : <b>{w.left(sinceWords(left, now.value))}</b>}</td>
    </tr>
  );
}
