import type { Api, QuarantineGroup } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { inSequence } from "../format/event.ts";
import { near } from "../format/time.ts";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { Tick } from "../parts/many.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { isTeachable } from "../state/mappings/teachable.ts";
import { isAdmin } from "../state/role.ts";
import { parameter, query } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { reasonOf } from "../words/reasons.ts";
import { ChosenGroupsBar, chosenGroups, named } from "./chosen-bar.tsx";
import { Record as OneRecord } from "./record.tsx";
import { paceOf, totalOf, useRecords } from "./records.ts";
import { Replay, Replaying } from "./replay.tsx";

/** On AWS each record is a row. */
const recordsAtOnce = 1000;

/** The reports that could not be understood, grouped by reason, box and path. */
export function Quarantine() {
  const { problems: w } = words.value;
  const loading = useLoading("groups", (signal) => gatepost().ask("GET /v1/quarantine/groups", { signal }), {
    every: ({ groups }) => paceOf(totalOf(groups), recordsAtOnce),
  });
  return (
    <Loaded of={loading} as="rows">
      {(found) =>
        found.groups.length === 0 ? (
          <Blank icon="check" title={w.noneTitle} why={w.noneWhy} />
        ) : (
          <Groups found={found} onReplayed={loading.reload} />
        )
      }
    </Loaded>
  );
}

type Found = Api["GET /v1/quarantine/groups"]["answer"];

function Groups({ found, onReplayed }: { found: Found; onReplayed(): void }) {
  const { problems: w } = words.value;
  const groups = found.groups.map(named);
  useEffect(() => () => chosenGroups.clear(), []);
  // The first group until the user chooses one; it stays chosen when another arrives before it.
  const open = useRef<string | null>(null);
  const first = groups.find(({ id }) => id === open.current) ?? groups[0];
  const chosen = parameter("reason") === null ? first : groups.find(isAsked);
  open.current = chosen?.id ?? null;
  return (
    <>
      <div class="split keep-list">
        <nav class="panel" aria-label={w.groups}>
          <ul class="groups">
            {groups.map((group) => (
              <li key={group.id}>
                <Tick
                  what={`${reasonOf(group.reason)[0]}, ${group.box}, ${group.path}`}
                  isOn={chosenGroups.has(group.id)}
                  onToggle={(isRange) => chosenGroups.toggle(group, groups, isRange)}
                />
                <a href={hrefOf(group)} aria-current={group === chosen ? "true" : undefined}>
                  <b>{reasonOf(group.reason)[0]}</b>
                  <span class="count">{group.count}</span>
                  <bdi class="meta">{w.groupMeta(group.box, group.path, near(group.last, now.value))}</bdi>
                  <KeptOf group={group} />
                </a>
              </li>
            ))}
          </ul>
          {groups.length > 1 ? <Everything count={totalOf(groups)} onReplayed={onReplayed} /> : null}
          {Object.entries(found.dropped).map(([box, count]) => (
            <p key={box} class="meta body">
              <bdi>{w.dropped(box, count)}</bdi>
            </p>
          ))}
        </nav>
        {chosen === undefined ? (
          // Another group in its place would be taken for it, and replayed.
          <Blank icon="check" title={w.groupGone} why={w.groupGoneWhy} />
        ) : (
          <Group key={chosen.id} group={chosen} onReplayed={onReplayed} />
        )}
      </div>
      {chosenGroups.all.length === 0 ? null : <ChosenGroupsBar onReplayed={onReplayed} />}
    </>
  );
}

const everything = {};

/** As after an upgrade, which may understand more reports. */
function Everything({ count, onReplayed }: { count: number; onReplayed(): void }) {
  return (
    <div class="body gap">
      <span>
        <Replay scope={everything} label={words.value.problems.replayEverything(count)} onReplayed={onReplayed} />
      </span>
      <Replaying scope={everything} />
    </div>
  );
}

const isAsked = ({ reason, box, path }: QuarantineGroup) =>
  isOneOf("reason", reason) && isOneOf("box", box) && isOneOf("path", path);

/** Whether the address asks for it, or for none. */
const isOneOf = (name: string, value: string) => query.value[name]?.includes(value) ?? true;

const hrefOf = ({ reason, box, path }: QuarantineGroup) =>
  addressOf("problems", null, { reason: [reason], box: [box], path: [path] });

/** One group: the fault, the remedy, a replay of all, and its reports one by one. */
function Group({ group, onReplayed }: { group: QuarantineGroup; onReplayed(): void }) {
  const { problems: w } = words.value;
  const { reason, box, path } = group;
  const [title, what, todo] = reasonOf(reason);
  const at = useSignal(0);
  const { records, reload } = useRecords(group, at.value);
  // Of those that were replayed meanwhile none is there any more.
  const index = Math.min(at.value, records.length - 1);
  const chosen = records[index];
  const scope = { reason, box, path };
  const replayed = () => {
    onReplayed();
    reload();
  };
  return (
    <section class="stack" aria-labelledby="prob">
      <div class="title">
        <div class="gap">
          <h2 id="prob">
            <bdi>{w.title(group.count, box, title)}</bdi>
          </h2>
          <KeptOf group={group} />
          <p class="quiet">{inSequence(what, todo)}</p>
        </div>
        <span class="end line">
          {isAdmin.value && isTeachable(reason) ? (
            <a class="btn main" href={addressOf("teach", null, { reason: [reason], box: [box], path: [path] })}>
              {w.teach}
            </a>
          ) : null}
          <Replay scope={scope} label={w.replayAll} onReplayed={replayed} />
        </span>
      </div>
      <Replaying scope={scope} />
      {chosen === undefined ? null : (
        <OneRecord
          record={chosen}
          onNewer={index === 0 ? null : () => (at.value = index - 1)}
          onOlder={index === records.length - 1 ? null : () => (at.value = index + 1)}
          onReplayed={replayed}
        />
      )}
    </section>
  );
}

/** How many reports of a group are kept, if others were dropped because quarantine was full. */
function KeptOf({ group: { count, dropped } }: { group: Pick<QuarantineGroup, "count" | "dropped"> }) {
  if (dropped === 0) return null;
  return <span class="meta">{words.value.problems.keptOf(count, count + dropped)}</span>;
}
