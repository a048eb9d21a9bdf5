import type { QuarantineGroup } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { inSequence } from "../format/event.ts";
import { addressOf } from "../state/address.ts";
import { isAdmin } from "../state/role.ts";
import { isTeachable } from "../state/teach/teachable.ts";
import { words } from "../words/index.ts";
import { reasonOf } from "../words/reasons.ts";
import { KeptOf } from "./kept-of.tsx";
import { Record as OneRecord } from "./record.tsx";
import { useRecords } from "./records.ts";
import { Replay, Replaying } from "./replay.tsx";

/** One group: the fault, the remedy, a replay of all, and its reports one by one. */
export function Group({ group, onReplayed }: { group: QuarantineGroup; onReplayed(): void }) {
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
