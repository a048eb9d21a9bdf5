import { useEffect } from "preact/hooks";
import { shortTime } from "../../format/time.ts";
import { addressOf } from "../../state/address.ts";
import { keptOfUsers, removeKept } from "../../state/kept-rolls.ts";
import { useLoading } from "../../state/loading.ts";
import { say } from "../../state/notice.ts";
import { findBook } from "../../state/rolls/book.ts";
import { readKeptOfUser } from "../../state/rolls/kept.ts";
import type { OwnTick } from "../../state/rolls/ticks.ts";
import { gatepost } from "../../state/session.ts";
import { listSites, siteNameOf } from "../../state/sites.ts";
import { rollWords } from "../../words/roll.ts";
import { Icon } from "../icon.tsx";
import { MayBeOver } from "./may-be-over.tsx";

const everyMs = 20_000;

/** Says on every page that an evacuation list is open, and leads to it. */
export function RollStrip() {
  const w = rollWords.value;
  const { state, reload } = useLoading("open rolls", (signal) => gatepost().ask("GET /v1/rolls", { signal }), {
    every: everyMs,
  });
  const { value } = state.value;
  const rolls = value?.rolls ?? [];
  // With each answer: another tab may have been closed with ticks that were not sent.
  useEffect(() => {
    if (value !== null) settleKept(value.rolls.map(({ id }) => id));
  }, [value]);
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
          <MayBeOver of={{ id, begunAt }} onClose={() => closeRoll(id).then(reload)} />
        </p>
      ))}
    </div>
  );
}

const closeRoll = (id: string) => gatepost().ask("POST /v1/rolls/{id}/close", { path: { id } });

/** Removes kept lists that are closed, and sends the ticks of this browser that no open page has. */
function settleKept(open: readonly string[]): void {
  for (const { name, roll } of keptOfUsers()) {
    const unsentTicks = readKeptOfUser(roll)?.own ?? [];
    if (unsentTicks.length > 0) void sendKept(roll, unsentTicks).catch(() => {});
    else if (!open.includes(roll)) removeKept(name);
  }
}

async function sendKept(roll: string, own: readonly OwnTick[]): Promise<void> {
  const book = await findBook(roll, new AbortController().signal);
  book.send(own);
  if (book.roll.peek().state === "closed") say(rollWords.value.untaken(book.waiting.peek()));
}

function SiteWords({ site, begunAt }: { site: string; begunAt: string }) {
  const { state } = useLoading("sites of rolls", listSites);
  const found = state.value.value?.find(({ id }) => id === site) ?? { id: site, name: site };
  return <>{rollWords.value.strip(siteNameOf(found), shortTime(begunAt))}</>;
}
