import type { Event } from "@gatepost/client";
import { addressOf } from "../state/address.ts";
import { mayWriteRules } from "../state/role.ts";
import { words } from "../words/index.ts";
import { Icon } from "./icon.tsx";

/** The way to a rule for passings like this one, for users who may write rules. */
export function AlertMe({ event, label = words.value.event.alertMe }: { event: Event; label?: string }) {
  const card = cardOf(event);
  if (card === null || !mayWriteRules.value) return null;
  return (
    <a class="btn" href={addressOf("rules", "new", { card: [card], from: [event.id] })}>
      <Icon name="rules" />
      {label}
    </a>
  );
}

function cardOf({ person }: Event): string | null {
  if (person.type === "blacklist") return "blacklist";
  if (person.type === "stranger") return "strangers";
  return person.id === null ? null : "person";
}
