import type { Event } from "@gatepost/client";
import { Confirm } from "../parts/confirm.tsx";
import { attempt } from "../state/attempt.ts";
import { forgetEvents } from "../state/erased.ts";
import { say } from "../state/notice.ts";
import { address, goBackTo } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

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
          onConfirm={() => attempt(() => erase(id))}
        />
      </span>
    </p>
  );
}

async function erase(id: string): Promise<void> {
  await gatepost().eraseEvent(id);
  forgetEvents((event) => event.id === id);
  say(words.value.event.erased);
  // Whoever has gone elsewhere meanwhile stays there.
  if (address.peek().id === id) goBackTo("events");
}
