import type { Event } from "@gatepost/client";
import type { Trial } from "../parts/conditions.tsx";
import { Portrait } from "../parts/faces.tsx";
import { recall } from "../state/known-events.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { ruleWords } from "../words/rules.ts";
import type { Card, Places } from "./card.ts";
import type { Draft } from "./draft.ts";
import type { Trials } from "./trial.ts";

interface Props {
  draft: Draft;
  card: Card;
  /** Of the rule. */
  name: string;
  trials: Trials | null;
  places: Places;
}

/** The message that people get over the chosen channel: of the latest passing that matches, else of the latest. */
export function Preview({ draft, card, name, trials, places }: Props) {
  const w = ruleWords.value;
  const { type, url, template, quietZone } = draft;
  const event = shownEvent(trials);
  const isOfBox = card.kind === "silence";
  const box = places.boxes[0]?.id ?? "gate-1";
  const asked =
    type.value === "" || (event === null && !isOfBox)
      ? null
      : {
          type: type.value,
          about: aboutOf(card),
          rule: name,
          url: url.value,
          template: template.value === "" ? null : template.value,
          zone: quietZone.value,
          ...(isOfBox || event === null ? { box } : { event: event.id }),
        };
  const { state } = useLoading(`alert ${JSON.stringify(asked)}`, async (signal) =>
    asked === null ? null : gatepost().ask("POST /v1/rules/preview", { body: asked, signal }),
  );
  const shown = state.value.value;
  if (type.value === "") return <p class="bubble quiet">{w.programGets}</p>;
  if (asked === null) return <p class="bubble quiet">{w.noPreview}</p>;
  if (shown === null) return <p class="bubble quiet">…</p>;
  return (
    <div class="bubble">
      {shown.picture === "sent" && event !== null ? <Portrait of={event} width={64} height={80} /> : null}
      <div>
        <b>
          <bdi>{shown.title}</bdi>
        </b>
        {shown.lines.map((line, number) => (
          <p key={`${number} ${line.map(({ text }) => text).join("")}`}>
            {line.map(({ text, isLink }) => (isLink ? <u key={text}>{text}</u> : <bdi key={text}>{text}</bdi>))}
          </p>
        ))}
      </div>
    </div>
  );
}

function aboutOf(card: Card) {
  if (card.kind === "silence") return "silent" as const;
  if (card.kind !== "requests") return "passing" as const;
  return card.wants.includes("1001") ? ("register-stranger" as const) : ("update-photo" as const);
}

const missesOf = ({ matches, why }: Trial) => (matches ? -1 : why.filter(({ holds }) => !holds).length);

/** The latest passing that matches, else the nearest one. */
function shownEvent(trials: Trials | null): Event | null {
  const nearest = trials?.events.toSorted((one, other) => missesOf(one) - missesOf(other))[0];
  return nearest === undefined ? null : recall(nearest.event);
}
