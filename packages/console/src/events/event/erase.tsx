import type { ActionDelivery, Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { forgetEvents } from "../../state/erased.ts";
import { attempt } from "../../state/failure.ts";
import { say } from "../../state/notice.ts";
import { isAdmin } from "../../state/role.ts";
import { address, goBackTo } from "../../state/route.ts";
import { gatepost } from "../../state/session.ts";
import { words } from "../../words/index.ts";

export function Erase({ event: { id } }: { event: Event }) {
  const { event: w } = words.value;
  return (
    <p class="line">
      <span class="end">
        <Confirm
          label={w.erase}
          look="bare"
          title={w.eraseTitle}
          why={w.eraseWhy}
          does={w.eraseDo}
          onConfirm={() => erase(id)}
        />
      </span>
    </p>
  );
}

async function erase(id: string): Promise<void> {
  await gatepost().eraseEvent(id);
  forgetEvents((event) => event.id === id);
  say(words.value.event.erased);
  // A user who has opened another page meanwhile stays there.
  if (address.peek().id === id) goBackTo("events");
}

/**
 * Retries a waiting delivery at once, puts a failed one back into the queue of its rule, or sends a delivered one once
 * more. A delivery that was held or is too late for its rule is not sent again.
 */
export function SendAgain({ delivery, onSent }: { delivery: ActionDelivery; onSent(): void }) {
  const { id, rule, state } = delivery;
  const { problems: w } = words.value;
  const isBusy = useSignal(false);
  const send = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    await attempt(async () => {
      await gatepost().ask("POST /v1/deliveries/{id}/send", { path: { id } });
      say(w.sent);
      onSent();
    });
    isBusy.value = false;
  };
  if (!isAdmin.value || state === "held" || state === "too-late") return null;
  return (
    <Button
      icon="send"
      look="small"
      aria-disabled={isBusy.value}
      aria-label={w.sendTo(rule ?? "")}
      onClick={() => void send()}
    >
      {w.send}
    </Button>
  );
}
