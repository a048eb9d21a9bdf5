import type { Action, Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { boxNameOf, matchOf } from "../../format/event.ts";
import { near } from "../../format/time.ts";
import { Button } from "../../parts/button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { later } from "../../parts/later.tsx";
import { isDecided } from "../../state/acting/decided.ts";
import { decline } from "../../state/acting/deciding.ts";
import { now } from "../../state/clock.ts";
import { attempt } from "../../state/failure.ts";
import { useOnce } from "../../state/loading.ts";
import { isManager, mayJudge } from "../../state/role.ts";
import { gatepost } from "../../state/session.ts";
import { peopleWords } from "../../words/people.ts";

const CompareDialog = later(async () => (await import("../../parts/acting/compare-dialog.tsx")).CompareDialog);

/** That a box asks for a new registered photo, and the ways to decide. */
export function PhotoRequest({ event, action: id, onDecided }: { event: Event; action: string; onDecided(): void }) {
  const w = peopleWords.value;
  const compared = useSignal<Action | null>(null);
  const read = async (): Promise<Action> => {
    const action = await gatepost().ask("GET /v1/actions/{id}", { path: { id } });
    return { ...action, event: action.event ?? event };
  };
  const compare = useOnce(() =>
    attempt(async () => {
      compared.value = await read();
    }),
  );
  const refuse = useOnce(() => attempt(async () => decline([await read()])));
  // Decided in this browser: it may still be taken back.
  if (isDecided(id)) return null;
  return (
    <section class="note warn" aria-labelledby="asked">
      <Icon name="actions" />
      <div>
        <h2 id="asked">{w.asks}</h2>
        <p>
          <bdi>{w.askedBy(boxNameOf(event.box), near(event.time, now.value), matchOf(event)?.toFixed(0) ?? null)}</bdi>
        </p>
        {mayJudge.value ? (
          <p class="line">
            {isManager.value ? (
              <Button look="main small" aria-haspopup="dialog" onClick={() => void compare()}>
                {w.compare}
              </Button>
            ) : null}
            <Button look="small" onClick={() => void refuse()}>
              {w.decline}
            </Button>
          </p>
        ) : null}
      </div>
      {compared.value === null ? null : (
        <CompareDialog
          action={compared.value}
          onApproved={onDecided}
          onClose={() => {
            compared.value = null;
          }}
        />
      )}
    </section>
  );
}
