import { csvOf } from "../format/csv.ts";
import { clockTime, duration, isoDay, shortTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { State } from "../parts/mark.tsx";
import { saveCsv } from "../parts/save-file.ts";
import { Table } from "../parts/table.tsx";
import { BoxText } from "../parts/text.tsx";
import type { Roll, Row } from "../state/rolls/ticks.ts";
import { words } from "../words/index.ts";
import { rollWords } from "../words/roll.ts";
import { boxCountOf } from "./row.tsx";

/** Who was ticked when and by whom, and who was missing how long. The missing are first. */
export function Report({ roll, rows }: { roll: Roll; rows: readonly Row[] }) {
  const w = rollWords.value;
  const { person, state, by, at, missingFor } = w.report;
  const missing = rows.filter(({ isSafe }) => !isSafe);
  return (
    <div class="roll-report">
      <p class="line">
        <Button
          icon="download"
          onClick={() => saveCsv(`evacuation-${isoDay(roll.begunAt)}.csv`, csvOfRoll(roll, rows))}
        >
          {words.value.events.export}
        </Button>
        <Button icon="print" onClick={() => window.print()}>
          {words.value.print}
        </Button>
      </p>
      <Table label={words.value.pages.roll} heads={[person, state, by, at, missingFor]}>
        {[...missing, ...rows.filter(({ isSafe }) => isSafe)].map((row) => (
          <ReportRow key={row.key} of={row} roll={roll} />
        ))}
      </Table>
    </div>
  );
}

/** The whole list as a table, with ids. */
function csvOfRoll({ begunAt, closedAt }: Roll, rows: readonly Row[]): string {
  const lines = rows.map(({ name, person, tick, isSafe, out }) => {
    const until = isSafe && tick !== null ? tick.at : closedAt;
    const seconds = until === null ? "" : Math.round((Date.parse(until) - Date.parse(begunAt)) / 1000);
    const library = person?.passings.map((passing) => passing.library).join(" ") ?? "";
    const { id = "", type = "", group = "", since = "" } = person ?? {};
    return [
      name,
      library,
      id,
      type,
      group ?? "",
      since,
      out?.at ?? "",
      isSafe ? "safe" : "missing",
      tick?.by.name ?? "",
      tick?.at ?? "",
      seconds,
    ];
  });
  return csvOf(["name", "library", "id", "type", "group", "in", "out", "state", "by", "at", "missingSeconds"], lines);
}

function ReportRow({ of: { name, tick, isSafe, person, out }, roll }: { of: Row; roll: Roll }) {
  const w = rollWords.value;
  const until = isSafe && tick !== null ? tick.at : roll.closedAt;
  const missing = until === null ? null : duration(Date.parse(until) - Date.parse(roll.begunAt));
  return (
    <tr>
      <td class="who">
        <b>
          <BoxText text={name} />
        </b>
        <bdi class="meta">
          {[
            person?.group,
            boxCountOf(person) > 1 ? w.boxes(boxCountOf(person)) : null,
            out === null ? null : w.outAt(shortTime(out.at), ""),
          ]
            .filter(Boolean)
            .join(" · ")}
        </bdi>
      </td>
      <td>
        <State tone={isSafe ? "ok" : "bad"}>{isSafe ? w.isTicked : w.isMissing}</State>
      </td>
      <td class="opt">{tick?.by.name == null ? null : <bdi>{tick.by.name}</bdi>}</td>
      <td class="opt">{tick === null ? null : clockTime(tick.at)}</td>
      <td class="opt">{missing === null ? null : isSafe ? missing : w.untilClosed(missing)}</td>
    </tr>
  );
}
