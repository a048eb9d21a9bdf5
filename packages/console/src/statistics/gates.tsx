import { count } from "../format/number.ts";
import { Loaded } from "../parts/loaded.tsx";
import { PlaceText } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { useLoading } from "../state/loading.ts";
import { query } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { statisticsWords } from "../words/statistics.ts";
import { percentOf } from "./change.ts";
import { ChartTable } from "./chart-table.tsx";
import { type DeviceBars, gatesOf } from "./gates-of.ts";
import { askedOf, isGoingOn, type Shown } from "./shown.ts";

/** Gates that are drawn; the table has all. */
const mostDrawn = 12;

type Names = (gate: DeviceBars) => string;

/** Each gate by itself, all on one scale. */
export function GateCharts({ shown, every }: { shown: Shown; every: number }) {
  const w = statisticsWords.value;
  const asked = askedOf(shown);
  const loading = useLoading(
    `gates ${JSON.stringify(asked)}`,
    (signal) => gatepost().ask("GET /v1/stats", { query: { ...asked, by: [shown.stretch.by, "device"] }, signal }),
    { every, while: () => isGoingOn(shown) },
  );
  const names = useLoading("names of gates", (signal) =>
    gatepost().ask("GET /v1/find", { query: { limit: 1000 }, signal }),
  );
  const known = new Map(names.state.value.value?.devices.map(({ id, box, name }) => [`${box} ${id}`, name]));
  const boxes = new Map(names.state.value.value?.boxes.map(({ id, name }) => [id, name]));
  // The name of a device without a name: its box, and its address within the ep_id.
  const nameOf: Names = ({ box, device }) => {
    if (device === null) return `${boxes.get(box) ?? box}: ${w.unknownDevice}`;
    return known.get(`${box} ${device}`) ?? `${boxes.get(box) ?? box} ${device.replace(/^.*__/u, "")}`;
  };
  return (
    <section class="panel" aria-labelledby="gates">
      <header>
        <h2 id="gates">{w.byGate}</h2>
        {shown.compare === null ? null : <span class="end meta">{w.lineBefore[shown.compare]}</span>}
      </header>
      <Loaded of={loading} as="rows">
        {(stats) => <Drawings gates={gatesOf(stats, shown)} shown={shown} nameOf={nameOf} />}
      </Loaded>
    </section>
  );
}

interface DrawingsProps {
  gates: readonly DeviceBars[];
  shown: Shown;
  nameOf: Names;
}

function Drawings({ gates, shown, nameOf }: DrawingsProps) {
  const w = statisticsWords.value;
  const drawn = gates.slice(0, mostDrawn);
  const maxTotal = Math.max(1, ...gates.flatMap(({ bars }) => bars.flatMap((bar) => [bar.total, bar.totalBefore])));
  const isCompared = shown.compare !== null;
  return (
    <>
      <div class="body">
        <ul class="smalls">
          {drawn.map((gate) => (
            <li key={`${gate.box} ${gate.device}`}>
              <Small gate={gate} name={nameOf(gate)} most={maxTotal} shown={shown} />
            </li>
          ))}
        </ul>
        {gates.length > drawn.length ? <p class="meta">{w.moreGates(gates.length - drawn.length)}</p> : null}
      </div>
      <ChartTable
        heads={[w.gate, w.all, ...(isCompared ? [w.beforeHead] : [])]}
        rows={gates.map((gate) => ({
          key: `${gate.box} ${gate.device}`,
          cells: [
            <bdi key="name">{nameOf(gate)}</bdi>,
            count(gate.total),
            ...(isCompared ? [count(gate.bars.reduce((sum, bar) => sum + bar.totalBefore, 0))] : []),
          ],
        }))}
      />
    </>
  );
}

const [width, height] = [240, 48];

function Small({ gate, name, most, shown }: { gate: DeviceBars; name: string; most: number; shown: Shown }) {
  const { bars, box, device } = gate;
  const step = width / bars.length;
  const y = (value: number) => (height - (value / most) * (height - 2)).toFixed(1);
  const content = (
    <>
      <span class="line">
        <b>
          <PlaceText text={name} />
        </b>
        <span class="delta">
          {[count(gate.total), changeOf(gate, shown)].filter((part) => part !== null).join(" · ")}
        </span>
      </span>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {bars.map(({ start, total }, at) =>
          total === 0 ? null : (
            <rect
              key={start}
              class="a"
              x={(at * step).toFixed(1)}
              y={y(total)}
              width={(step * 0.8).toFixed(1)}
              height={(height - Number(y(total))).toFixed(1)}
            />
          ),
        )}
        <path class="base" d={`M0 ${height - 0.5}H${width}`} />
        {bars.map(({ start, totalBefore }, at) =>
          totalBefore === 0 ? null : (
            <path
              key={start}
              class="past"
              d={`M${(at * step).toFixed(1)} ${y(totalBefore)}h${(step * 0.8).toFixed(1)}`}
            />
          ),
        )}
      </svg>
    </>
  );
  if (device === null) return <div class="gate">{content}</div>;
  return (
    <a class="gate" href={addressOf("statistics", null, { ...query.value, box: [box], device: [device] })}>
      {content}
    </a>
  );
}

/** The change of a gate in percent, of the hours or days that are over. */
function changeOf({ bars }: DeviceBars, { compare, now }: Shown): string | null {
  if (compare === null) return null;
  const over = bars.filter(({ end }) => end <= now);
  const sum = (of: "total" | "totalBefore") => over.reduce((all, bar) => all + bar[of], 0);
  const percent = percentOf(sum("total"), sum("totalBefore"));
  return percent === null ? null : statisticsWords.value.change(percent);
}
