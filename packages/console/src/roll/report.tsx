import { clockTime, duration } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { State } from "../parts/mark.tsx";
import { Table } from "../parts/table.tsx";
import { BoxText } from "../parts/text.tsx";
import type { Roll, Row } from "./ticks.ts";
import { rollWords } from "./words.ts";

/** Who was ticked when and by whom, and who was missing how long. The missing are first. */
export function Report({ roll, rows }: { roll: Roll; rows: readonly Row[] }) {
  const w = rollWords.value;
  const { person, state, by, at, missingFor } = w.report;
  const missing = rows.filter(({ isSafe }) => !isSafe);
  return (
    <div class="roll-report">
      <p class="line">
        <Button icon="print" look="end" onClick={() => window.print()}>
          {w.print}
        </Button>
      </p>
      <Table label={w.list} heads={[person, state, by, at, missingFor]}>
        {[...missing, ...rows.filter(({ isSafe }) => isSafe)].map((row) => (
          <ReportRow key={row.key} of={row} roll={roll} />
        ))}
      </Table>
    </div>
  );
}

function ReportRow({ of: { name, tick, isSafe }, roll }: { of: Row; roll: Roll }) {
  const w = rollWords.value;
  const until = isSafe && tick !== null ? tick.at : roll.closedAt;
  const missing = until === null ? null : duration(Date.parse(until) - Date.parse(roll.begunAt));
  return (
    <tr>
      <td class="who">
        <b>
          <BoxText text={name} />
        </b>
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
