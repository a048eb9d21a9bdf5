import type { Rule } from "@gatepost/client";
import { Icon } from "../parts/icon.tsx";
import { Mark } from "../parts/mark.tsx";
import { type Card, isMadeName, titleOfCard } from "./card.ts";
import { usePersonName } from "./places.ts";

/** What a rule is called: by its card, or by the name that it was given. */
export function RuleTitle({ rule: { name, card } }: { rule: Rule }) {
  if (!isMadeName(name, card)) return <bdi>{name}</bdi>;
  if (card.kind === "person") return <PersonTitle who={card.who} />;
  return <>{titleOfCard(card)}</>;
}

function PersonTitle({ who }: { who: string }) {
  const { name } = usePersonName(who);
  return <bdi>{name ?? who}</bdi>;
}

/** The drawing of a card. */
export function CardMark({ kind }: { kind: Card["kind"] }) {
  if (kind === "blacklist") return <Mark name="blacklist" />;
  if (kind === "strangers") return <Mark name="stranger" />;
  if (kind === "person") return <Mark name="employee" />;
  if (kind === "visitors") return <Mark name="visitor" />;
  return <Icon name={icons[kind]} />;
}

const icons = {
  silence: "boxes",
  targets: "problems",
  requests: "actions",
  everything: "right",
  own: "rules",
} as const;
