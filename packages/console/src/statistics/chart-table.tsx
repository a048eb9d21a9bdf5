import { Heads } from "../parts/heads.tsx";
import { words } from "../words/index.ts";

/** The numbers of a chart, for whoever does not see it or wants them exactly. */
export function ChartTable({ heads, rows }: { heads: readonly string[]; rows: readonly (readonly string[])[] }) {
  return (
    <details>
      <summary>{words.value.statistics.asTable}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys. */}
      <div class="scrolled" tabIndex={0}>
        <table class="numbers">
          <thead>
            <tr>
              <Heads names={heads} />
            </tr>
          </thead>
          <tbody>
            {rows.map(([first = "", ...others]) => (
              <tr key={first}>
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
