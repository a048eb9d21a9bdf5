import type { JobResult } from "@gatepost/client";
import { count } from "../format/number.ts";
import { shortDay } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/index.ts";

type Erased = JobResult<"erased">;

/** What an erasure came to, line by line, also to be kept. */
export function Receipt({ result, at, onAgain }: { result: Erased; at: string; onAgain(): void }) {
  const { settings: w } = words.value;
  const url = `data:application/json,${encodeURIComponent(JSON.stringify(result, null, 2))}`;
  return (
    <>
      <div class="note ok" role="status">
        <Icon name="check" />
        <div>
          <h3>{w.erased(at)}</h3>
          <table class="receipt">
            <tbody>
              {linesOf(result).map(([what, number]) => (
                <tr key={what}>
                  <td>{what}</td>
                  <td class="num">
                    <b>{number}</b>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <span class="line">
        <a class="btn" href={url} download="gatepost-receipt.json">
          <Icon name="download" />
          {w.downloadReceipt}
        </a>
        <Button look="bare" onClick={onAgain}>
          {w.another}
        </Button>
      </span>
    </>
  );
}

function linesOf({ erased, kept, unknown, agesOut, suppressed, removals }: Erased): [what: string, number: string][] {
  const { receipt: w } = words.value.settings;
  const lines: [string, string][] = [
    [w.events, count(erased.events)],
    [w.pictures, count(erased.pictures)],
    [w.quarantine, count(erased.quarantine)],
    [w.outbox, count(erased.outbox)],
  ];
  if (kept.pictures > 0) lines.push([w.kept(kept.pictures), ""]);
  lines.push([w.unknown(unknown.goneBy === null ? "–" : shortDay(unknown.goneBy)), count(unknown.quarantine)]);
  for (const { what, goneBy } of agesOut) {
    lines.push([goneBy === null ? w.agesOutSometime(what) : w.agesOut(what, shortDay(goneBy)), ""]);
  }
  if (removals.asked > 0) lines.push([w.fromBoxes, count(removals.asked)]);
  if (suppressed) lines.push([w.late, w.refused]);
  return lines;
}
