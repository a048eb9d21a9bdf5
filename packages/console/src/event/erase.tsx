import type { Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { dropResult } from "../events/results.ts";
import { drop } from "../live/arrivals.ts";
import { markSeen } from "../live/standing.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { failureOf } from "../state/failure.ts";
import { say } from "../state/notice.ts";
import { go } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

export function Erase({ event }: { event: Event }) {
  const { event: w, cancel } = words.value;
  const isAsked = useSignal(false);
  const close = () => {
    isAsked.value = false;
  };
  return (
    <p class="line">
      <span class="end">
        <Button
          look="bare"
          onClick={() => {
            isAsked.value = true;
          }}
        >
          {w.erase}
        </Button>
      </span>
      {isAsked.value ? (
        <Dialog title={w.eraseTitle} onClose={close}>
          <p>{w.eraseWhy}</p>
          <span class="line">
            <Button look="risk" onClick={() => void erase(event.id)}>
              {w.eraseDo}
            </Button>
            <Button onClick={close}>{cancel}</Button>
          </span>
        </Dialog>
      ) : null}
    </p>
  );
}

async function erase(id: string): Promise<void> {
  try {
    await gatepost().eraseEvent(id);
    drop(id);
    dropResult(id);
    markSeen([id]);
    say(words.value.event.erased);
    go("events");
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== null) say(failure.detail);
  }
}
