import type { Box } from "@gatepost/client";
import { deviceNameOf } from "../format/event.ts";
import { count, shortMs } from "../format/number.ts";
import { ago } from "../format/time.ts";
import { State } from "../parts/mark.tsx";
import { Table } from "../parts/table.tsx";
import { deviceTone } from "../state/boxes/about.ts";
import { now } from "../state/clock.ts";
import { boxWords } from "../words/boxes.ts";
import { words } from "../words/index.ts";

/** Which kinds of report a box sends, and how late they come. */
export function Kinds({ box: { kinds } }: { box: Box }) {
  const w = boxWords.value;
  return (
    <section class="panel" aria-labelledby="kinds">
      <header>
        <h2 id="kinds">{w.kinds}</h2>
      </header>
      <Table heads={[w.kind, w.last, w.as, w.today, w.delay]}>
        {kinds.map(({ kind, dialect, dialectName, lastSeen, today, lagMs }) => (
          <tr key={`${kind} ${dialect}`}>
            <td class="who">
              <b>{w.kindNames[kind] ?? kind}</b>
            </td>
            <td>{ago(lastSeen, now.value)}</td>
            <td class="opt">
              {dialectName === null ? (
                <code class="mono">{dialect}</code>
              ) : (
                <bdi title={dialect ?? ""}>{dialectName}</bdi>
              )}
            </td>
            <td class="opt">{today === null ? null : count(today)}</td>
            <td class="opt quiet">{lagMs === null ? "" : shortMs(lagMs)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

/** The devices whose passings a box reports. */
export function Devices({ box: { devices } }: { box: Box }) {
  const w = boxWords.value;
  const { directions } = words.value;
  return (
    <section class="panel" aria-labelledby="devices">
      <header>
        <h2 id="devices">{w.devices}</h2>
      </header>
      {devices.length === 0 ? <p class="body quiet">{w.noDevices}</p> : null}
      <table class="rows plain">
        <tbody>
          {devices.map(({ id, name, label, ip, direction, lastSeen, ...health }) => (
            <tr key={id}>
              <td class="who">
                <State {...deviceTone(health)}>
                  <bdi>
                    {[deviceNameOf({ name, label }) ?? id, direction === null ? null : directions[direction]]
                      .filter(Boolean)
                      .join(", ")}
                  </bdi>
                </State>
              </td>
              <td class="mono opt">{ip}</td>
              <td class="num">{lastSeen === null ? w.never : ago(lastSeen, now.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
