import { flagSentence, shortFlag } from "../events/flag-words.ts";
import { Skeleton } from "../events/skeleton.tsx";
import { count } from "../format/number.ts";
import { near } from "../format/time.ts";
import { Blank } from "../parts/blank.tsx";
import { Failed } from "../parts/failed.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

/** Which flags events have, by kind and box. */
export function Flags() {
  const { problems: w, columns } = words.value;
  const { state, reload } = useLoading("flags", (signal) => gatepost().ask("GET /v1/flags", { signal }));
  const { value, failure, retryAt } = state.value;
  if (value === null && failure !== null) return <Failed failure={failure} retryAt={retryAt} onRetry={reload} />;
  if (value === null) return <Skeleton />;
  if (value.flags.length === 0) return <Blank icon="check" title={w.flagsTitle} why={w.flagsWhy} />;
  return (
    <table class="rows plain" aria-label={w.flags}>
      <thead>
        <tr>
          {[w.flag, columns.box, w.count, w.latest].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {value.flags.map(({ flag, box, count: number, at }) => (
          <tr key={`${flag} ${box}`}>
            <td class="who">
              <a class="all" href={addressOf("events", null, { flag: [flag], box: [box] })}>
                <b>
                  <bdi>{shortFlag(flag)}</bdi>
                </b>
                <bdi class="meta">{flagSentence(flag)}</bdi>
              </a>
            </td>
            <td class="opt quiet">
              <bdi>{box}</bdi>
            </td>
            <td>{count(number)}</td>
            <td class="opt">{at === null ? null : near(at, now.value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
