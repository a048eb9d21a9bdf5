import type { Action } from "@gatepost/client";
import { placeOf } from "../format/event.ts";
import { near } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { State, toneOf } from "../parts/mark.tsx";
import { Picture } from "../parts/picture.tsx";
import { titleOf } from "../state/acting/decided.ts";
import { reopen } from "../state/acting/deciding.ts";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { attempt, inLanguageOrAsIs } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { mayJudge } from "../state/role.ts";
import { actionWords } from "../words/actions.ts";
import { words } from "../words/index.ts";
import { Ordered, Undo } from "./ordered.tsx";

/** Actions in rows: their results, and their answers. */
export function SettledTable({ actions, onChanged }: { actions: readonly Action[]; onChanged(changed: Action): void }) {
  const a = actionWords.value;
  const { columns: w, pictures } = words.value;
  return (
    <table class="rows plain settled">
      <thead class="hide">
        <tr>
          {[w.time, pictures.face, words.value.filters.action, a.tabs, w.asked].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {actions.map((action) => (
          <Row key={action.id} action={action} onChanged={onChanged} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ action, onChanged }: { action: Action; onChanged(changed: Action): void }) {
  const { states, withheldPoor } = words.value;
  const { event = null, state, reason, approval } = action;
  return (
    <tr>
      <td class="t nowrap opt">
        <time dateTime={action.at}>{near(action.at, now.value)}</time>
      </td>
      <td class="f">
        <span class="faces">
          {event?.pictures.face === undefined ? (
            <span class="none" aria-hidden="true">
              –
            </span>
          ) : (
            <Picture of={event} kind="face" />
          )}
        </span>
      </td>
      <td class="who">
        <a class="all" href={addressOf("event", action.eventId)}>
          <b>
            <bdi>{titleOf(action)}</bdi>
          </b>
          <bdi class="meta">{event === null ? action.box : placeOf(event)}</bdi>
        </a>
      </td>
      <td>
        <State tone={toneOf[state]}>{states[state]}</State>
      </td>
      <td class="opt quiet">
        {state === "declined" ? <Declined action={action} onChanged={onChanged} /> : null}
        {state === "declined" || approval !== null ? null : (
          <bdi>
            {reason === "fiqa_result is false" ? withheldPoor : reason === null ? null : inLanguageOrAsIs(reason)}
          </bdi>
        )}
        {approval === null ? null : <Ordered approval={approval} />}
        <Undo action={action} onUndone={onChanged} />
      </td>
    </tr>
  );
}

/** Who declined it, when and why, and the way to take that back. */
function Declined({ action, onChanged }: { action: Action; onChanged(changed: Action): void }) {
  const w = actionWords.value;
  const { id, decline } = action;
  const takeBack = useOnce(async () => {
    const reopened = await attempt(() => reopen(id));
    if (reopened !== null) onChanged(reopened);
  });
  if (decline === null) return null;
  const { reason, note, byName = null, at } = decline;
  const said = [reason === null ? null : w.reasons[reason], byName, near(at, now.value), note].filter(Boolean);
  return (
    <div class="gap">
      <bdi>{said.join(" · ")}</bdi>
      {mayJudge.value ? (
        <span>
          <Button look="small over" onClick={() => void takeBack()}>
            {words.value.live.takeBack}
          </Button>
        </span>
      ) : null}
    </div>
  );
}
