import { csvOf } from "../format/csv.ts";
import { isoDay } from "../format/time.ts";
import { NothingToExport } from "../parts/button.tsx";
import { Item, Opener } from "../parts/popover.tsx";
import { saveCsv, saveFile } from "../parts/save-file.ts";
import { attempt } from "../state/failure.ts";
import { words } from "../words/index.ts";
import { statisticsWords } from "../words/statistics.ts";
import { type BarFacts, isNothing } from "./bars-of.ts";
import { stacked } from "./kinds.ts";
import { periodInWords, type Shown } from "./shown.ts";

/** The bars as a table: a line each, with its range of time, in the order of the page. */
export function barsCsv(bars: readonly BarFacts[], isCompared: boolean): string {
  const iso = (time: number) => new Date(time).toISOString();
  const columns = ["from", "to", ...stacked, "all", ...(isCompared ? ["before"] : [])];
  const lines = bars.map(({ start, end, counts, total, totalBefore }) => [
    ...[iso(start), iso(end), ...stacked.map((kind) => counts[kind] ?? 0), total],
    ...(isCompared ? [totalBefore] : []),
  ]);
  return csvOf(columns, lines);
}

/** Saves the bars as a table or as a picture; null before they are counted. */
export function Export({ bars, shown }: { bars: readonly BarFacts[] | null; shown: Shown }) {
  const w = statisticsWords.value;
  const { export: label } = words.value.events;
  const name = `gatepost-statistics-${shown.period}-${isoDay(shown.stretch.from)}`;
  const saveTable = () => saveCsv(`${name}.csv`, barsCsv(bars ?? [], shown.compare !== null));
  const savePicture = () =>
    attempt(
      async () => {
        const chart = document.querySelector<SVGSVGElement>(".charted .chart");
        if (chart === null) return;
        const { pictureOf } = await import("./picture-of.ts");
        const title = `${w.each[shown.stretch.by]}, ${periodInWords(shown)}`;
        saveFile(`${name}.png`, await pictureOf(chart, title));
      },
      () => w.pngFailed,
    );
  if (bars !== null && isNothing(bars)) return <NothingToExport />;
  return (
    <Opener label={label} text={label} icon="download" disabled={bars === null}>
      {(close) => (
        <ul class="choices">
          <Item text={w.csv} close={close} onChoose={saveTable} />
          <Item text={w.png} close={close} onChoose={() => void savePicture()} />
        </ul>
      )}
    </Opener>
  );
}
