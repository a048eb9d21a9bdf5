import type { FlagCount } from "@gatepost/client";
import { flagSentence, shortFlag } from "../format/flags.ts";
import { count } from "../format/number.ts";
import { near } from "../format/time.ts";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { paceOf, totalOf } from "./records.ts";

/** On one machine each flag of an event is a row. */
const flagsAtOnce = 10_000;

/** Which flags events have, by kind and box. */
export function Flags() {
  const { problems: w } = words.value;
  const loading = useLoading("flags", (signal) => gatepost().ask("GET /v1/flags", { signal }), {
    every: ({ flags }) => paceOf(totalOf(flags), flagsAtOnce),
  });
  return (
    <Loaded of={loading} as="rows">
      {({ flags }) =>
        flags.length === 0 ? <Blank icon="check" title={w.flagsTitle} why={w.flagsWhy} /> : <FlagTable flags={flags} />
      }
    </Loaded>
  );
}

function FlagTable({ flags }: { flags: readonly FlagCount[] }) {
  const { problems: w, filters } = words.value;
  return (
    <Table label={w.flags} heads={[filters.flag, filters.box, w.count, w.latest]}>
      {flags.map(({ flag, box, count: number, at }) => (
        <tr key={`${flag} ${box}`}>
          <td class="who">
            <a class="all" href={addressOf("events", null, { flag: [flag], box: [box] })}>
              <b>
                <bdi>{shortFlag(flag)}</bdi>
              </b>
              <bdi class="meta">{flagSentence(flag)}</bdi>
              <div class="phone meta">
                <bdi>{box}</bdi>
              </div>
            </a>
          </td>
          <td class="opt quiet">
            <bdi>{box}</bdi>
          </td>
          <td>{count(number)}</td>
          <td class="opt">{at === null ? null : near(at, now.value)}</td>
        </tr>
      ))}
    </Table>
  );
}
