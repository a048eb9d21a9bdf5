import type { Event } from "@gatepost/client";
import { kindWord, placeOf } from "../format/event.ts";
import type { Trial } from "../parts/conditions.tsx";
import { Conditions } from "../parts/conditions.tsx";
import { State } from "../parts/mark.tsx";
import { ruleWords } from "../words/rules.ts";
import { type Card, type CardWithHours, isAtHours, type MadeCard, type Places, placeName } from "./card.ts";

interface Props {
  card: Card;
  places: Places;
  trial: Trial;
  event: Event | null;
}

/** Why a card matches a passing, or does not: in its own words, or by the conditions of a pattern. */
export function CardWhy({ card, places, trial, event }: Props) {
  if (card.kind === "own" || event === null) return <Conditions why={trial.why} />;
  return (
    <div class="why">
      {findingsOf(card, { places, trial, event }).map(({ holds, says }) => (
        <>
          <State tone={holds ? "ok" : "bad"} />
          <bdi>{says}</bdi>
        </>
      ))}
    </div>
  );
}

interface Finding {
  holds: boolean;
  says: string;
}

function findingsOf(card: MadeCard, { places, trial, event }: Omit<Props, "card"> & { event: Event }): Finding[] {
  const w = ruleWords.value;
  const holdsAt = (...paths: readonly string[]) =>
    paths.some((path) => trial.why.find((one) => one.path === path)?.holds ?? false);
  const asked = (path: string, [is, isNot]: readonly [string, string] | readonly string[]): Finding => {
    const holds = holdsAt(path);
    return { holds, says: (holds ? is : isNot) ?? "" };
  };
  const found: Finding[] = [];
  if (card.kind === "blacklist" || card.kind === "strangers") {
    const [is, isNot] = w.is[card.kind === "blacklist" ? "blacklist" : "stranger"];
    found.push(asked("detail.event.person.type", [is ?? "", `${isNot}: ${kindWord(event.person.type)}`]));
  }
  if (card.kind === "person") {
    const name = event.person.id === card.who ? (event.person.name ?? card.who) : card.who;
    found.push(asked("detail.event.person.id", [w.isPerson(name), w.isNotPerson(name)]));
  }
  if (card.kind === "requests") found.push(asked("detail.want_action", w.is.wants));
  if (card.kind === "everything" || !("from" in card)) found.push(asked("detail-type", w.is.passing));
  if (card.gates !== null) found.push(atGates(card, { places, event, holdsAt }));
  if ("from" in card && trial.why.some(({ path }) => path === "detail.event.time")) {
    found.push({ holds: holdsAt("detail.event.time"), says: betweenWords(card, event, holdsAt("detail.event.time")) });
  }
  return found;
}

function atGates(
  { gates }: MadeCard,
  { places, event, holdsAt }: { places: Places; event: Event; holdsAt(...paths: readonly string[]): boolean },
): Finding {
  const w = ruleWords.value;
  const device = ["id", "endpoint", "ip"].map((name) => `detail.event.device.${name}`);
  const isAtDevice = gates === null || !("device" in gates) || holdsAt(...device);
  const holds = holdsAt("detail.event.box.site", "detail.event.box.id") && isAtDevice;
  return { holds, says: holds ? w.at(placeOf(event)) : w.notAt(gates === null ? "" : placeName(gates, places)) };
}

function betweenWords(card: CardWithHours, event: Event, holds: boolean): string {
  const w = ruleWords.value;
  const zone = card.zone === null ? {} : { timeZone: card.zone };
  const time = new Date(event.time).toLocaleTimeString("en-GB", { ...zone, hour: "2-digit", minute: "2-digit" });
  if (!isAtHours(card) || card.from === null || card.to === null) return holds ? time : w.isNotOnDay(time);
  const isWithin = card.from < card.to ? time >= card.from && time < card.to : time >= card.from || time < card.to;
  if (holds) return w.isBetween(time, card.from, card.to);
  return isWithin ? w.isNotOnDay(time) : w.isNotBetween(time, card.from, card.to);
}
