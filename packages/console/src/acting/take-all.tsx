import type { Action } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { matchOf, nameOf } from "../format/event.ts";
import { photoOf } from "../parts/acting/photo.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Picture } from "../parts/picture.tsx";
import { decideByJob, jobBeyond } from "../state/acting/by-job.ts";
import { useLoading } from "../state/loading.ts";
import { say, sayUndoable } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { listAllSites, type Site } from "../state/sites.ts";
import { actionWords } from "../words/actions.ts";
import { words } from "../words/index.ts";

/** From this match of 100 on, a photo may be taken without a look at it in its full size. */
const goodMatch = 90;

/** Whether both photos are there, the box calls both faces alike, and does not call the picture poor. */
function isSure({ wantAction, approval, event }: Action): boolean {
  if (wantAction !== "1002" || approval?.isOpen === true || event === undefined) return false;
  const { registered, face } = event.pictures;
  const isGood = (matchOf(event) ?? 0) >= goodMatch && event.quality.registrable !== false;
  return isGood && registered !== undefined && face !== undefined;
}

interface TakeAllProps {
  actions: readonly Action[];
  onChanged(changed: Action): void;
  onClose(): void;
}

/** Takes the photos of several actions at once, after the user has seen the pairs. */
export function TakeAll({ actions, onChanged, onClose }: TakeAllProps) {
  const w = actionWords.value;
  const sure = actions.filter(isSure);
  const done = useSignal(0);
  const { state } = useLoading("sites of boxes", listAllSites);
  const sites = state.value.value;
  const take = async () => {
    if (sure.length > jobBeyond) {
      void decideByJob({ do: "take-photo", boxes: "site", actions: idsOf(sure), photos: photosOf(sure) });
      return;
    }
    const taken: Action[] = [];
    for (const action of sure) {
      const approved = await approve(action, sites ?? []).catch(() => null);
      if (approved !== null) taken.push(approved);
      done.value = taken.length;
    }
    for (const action of taken) onChanged(action);
    if (taken.length > 0) sayUndoable(w.took(taken.length), () => undo(taken, onChanged));
    if (taken.length < sure.length) say(w.notTaken(sure.length - taken.length));
  };
  return (
    <FormDialog
      look="decide"
      title={w.takeAll}
      does={w.takeMany(sure.length)}
      isReady={sure.length > 0 && sites !== null}
      onSend={take}
      onClose={onClose}
    >
      {sure.length < actions.length ? <p class="quiet">{w.leftOut(actions.length - sure.length)}</p> : null}
      <ul class="pairs">
        {sure.map(({ id, event }) =>
          event === undefined ? null : (
            <li key={id}>
              <Picture of={event} kind="registered" alt={words.value.pictures.registered} />
              <Picture of={event} kind="face" alt={words.value.pictures.face} />
              <bdi>{nameOf(event)}</bdi>
              <span class="meta">{words.value.matchShort((matchOf(event) ?? 0).toFixed(0))}</span>
            </li>
          ),
        )}
      </ul>
      {done.value === 0 ? null : <p role="status">{w.doneOf(done.value, sure.length)}</p>}
    </FormDialog>
  );
}

const idsOf = (actions: readonly Action[]) => actions.map(({ id }) => id);

/** The photos that the user sees, by action. */
function photosOf(actions: readonly Action[]): Record<string, string> {
  const photos = actions.map(({ id, event }) => [id, photoOf(event ?? null)?.sha256] as const);
  return Object.fromEntries(photos.filter((one): one is readonly [string, string] => one[1] !== undefined));
}

async function approve({ id, box, event }: Action, sites: readonly Site[]): Promise<Action> {
  const shares = sites.find(({ boxes }) => boxes.includes(box))?.sharesPeople === true;
  const photo = photoOf(event ?? null);
  const body = { ...(shares ? { boxes: "site" as const } : {}), ...(photo === null ? {} : { photo: photo.sha256 }) };
  return gatepost().ask("POST /v1/actions/{id}/approval", { path: { id }, body });
}

async function undo(actions: readonly Action[], onChanged: TakeAllProps["onChanged"]): Promise<void> {
  for (const { id } of actions)
    onChanged(await gatepost().ask("POST /v1/actions/{id}/approval/undo", { path: { id } }));
}
