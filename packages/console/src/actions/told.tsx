import type { Delivery, RequestedAction } from "@gatepost/client";
import { deliveryWords } from "../format/event.ts";
import { State, type Tone } from "../parts/mark.tsx";
import { actionWords } from "../words/actions.ts";

const tones: Record<Delivery["state"], Tone> = {
  delivered: "ok",
  waiting: "wait",
  dead: "bad",
  "too-late": "wait",
  held: "wait",
};

/** Who was told, how often, and with what answer. */
export function DeliveryList({ action }: { action: RequestedAction }) {
  const w = actionWords.value;
  const { deliveries } = action;
  if (deliveries === undefined) return <span />;
  if (deliveries === null) return <p class="quiet">{w.unknownOnAws}</p>;
  return (
    <ul class="told" aria-label={w.told}>
      {deliveries.length === 0 ? (
        <li>
          <State tone="wait" />
          <b>{w.nobody}</b>
        </li>
      ) : (
        deliveries.map((delivery) => (
          <li key={delivery.rule}>
            <State tone={tones[delivery.state]} />
            <b>
              <bdi>{delivery.rule}</bdi>
            </b>
            <bdi class="quiet">{deliveryWords(delivery)}</bdi>
          </li>
        ))
      )}
    </ul>
  );
}
