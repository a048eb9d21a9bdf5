import type { ComponentChildren } from "preact";
import { Heads } from "../parts/table.tsx";
import { statisticsWords } from "../words/statistics.ts";

interface Row {
  /** Distinguishes it from the others. */
  key: string | number;
  /** The first is its head. */
  cells: readonly ComponentChildren[];
}

/** The numbers of a chart, for screen readers and for users who want them exactly. */
export function ChartTable({ heads, rows }: { heads: readonly string[]; rows: readonly Row[] }) {
  return (
    <details>
      <summary>{statisticsWords.value.asTable}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys. */}
      <div class="scrolled" tabIndex={0}>
        <table class="numbers">
          <thead>
            <tr>
              <Heads names={heads} />
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, cells: [first, ...others] }) => (
              <tr key={key}>
                <th scope="row">{first}</th>
                {others.map((value, at) => (
                  <td key={heads[at + 1]}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
