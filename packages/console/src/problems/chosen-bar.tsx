import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Many } from "../parts/many.tsx";
import { attempt } from "../state/failure.ts";
import { say } from "../state/notice.ts";
import { isAdmin } from "../state/role.ts";
import { words } from "../words/index.ts";
import { chosenGroups } from "./chosen-groups.ts";
import { totalOf } from "./records.ts";
import { replay } from "./replay.tsx";
import { saveGroups } from "./save-groups.ts";

/** Replays or saves the reports of the chosen groups. */
export function ChosenGroupsBar({ onReplayed }: { onReplayed(): void }) {
  const { problems: w, events } = words.value;
  const groups = chosenGroups.all;
  /** How many of all are done; null while nothing is under way. */
  const done = useSignal<number | null>(null);
  const count = totalOf(groups);
  const run = async (act: () => Promise<void>) => {
    done.value = 0;
    await attempt(act);
    done.value = null;
  };
  const replayAll = () =>
    run(async () => {
      for (const { reason, box, path, count: reports } of groups) {
        await replay({ reason, box, path });
        done.value = (done.value ?? 0) + reports;
      }
      chosenGroups.clear();
      onReplayed();
    });
  const save = () =>
    run(async () => {
      const saved = await saveGroups(groups, (read) => (done.value = read));
      if (saved < count) say(w.savedSome(saved, count));
    });
  if (done.value !== null) {
    return (
      <Many count={groups.length} onClear={() => chosenGroups.clear()}>
        <span role="status">{w.doneOf(done.value, count)}</span>
      </Many>
    );
  }
  return (
    <Many count={groups.length} onClear={() => chosenGroups.clear()}>
      {isAdmin.value ? (
        <Button look="main" icon="replay" onClick={() => void replayAll()}>
          {w.replayEverything(count)}
        </Button>
      ) : null}
      <Button icon="download" onClick={() => void save()}>
        {events.export}
      </Button>
    </Many>
  );
}
