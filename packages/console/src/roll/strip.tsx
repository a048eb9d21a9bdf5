import { shortTime } from "../format/time.ts";
import { Icon } from "../parts/icon.tsx";
import { addressOf } from "../state/address.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { listSites, siteNameOf } from "../state/sites.ts";
import { rollWords } from "./words.ts";

const everyMs = 20_000;

/** Says on every page that an evacuation list is open, and leads to it. */
export function RollStrip() {
  const w = rollWords.value;
  const { state } = useLoading("open rolls", (signal) => gatepost().ask("GET /v1/rolls", { signal }), {
    every: everyMs,
  });
  const rolls = state.value.value?.rolls ?? [];
  return rolls.length === 0 ? null : (
    <div class="roll-strips">
      {rolls.map(({ id, site, begunAt }) => (
        <p key={id} class="note bad" role="status">
          <Icon name="alarm" />
          <span>
            <bdi>
              <SiteWords site={site} begunAt={begunAt} />
            </bdi>{" "}
            <a href={addressOf("roll", id)}>
              <u>{w.open}</u>
            </a>
          </span>
        </p>
      ))}
    </div>
  );
}

function SiteWords({ site, begunAt }: { site: string; begunAt: string }) {
  const { state } = useLoading("sites of rolls", listSites);
  const found = state.value.value?.find(({ id }) => id === site) ?? { id: site, name: site };
  return <>{rollWords.value.strip(siteNameOf(found), shortTime(begunAt))}</>;
}
