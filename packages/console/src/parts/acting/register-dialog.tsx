import type { Action, Event, Operations } from "@gatepost/client";
import { type Signal, useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { placeOf } from "../../format/event.ts";
import { clockTime } from "../../format/time.ts";
import { decline } from "../../state/acting/deciding.ts";
import { addressOf } from "../../state/address.ts";
import { useLoading } from "../../state/loading.ts";
import { gatepost } from "../../state/session.ts";
import { actionWords } from "../../words/actions.ts";
import { words } from "../../words/index.ts";
import { labels } from "../../words/labels.ts";
import { Button, KeyHint } from "../button.tsx";
import { FormDialog } from "../dialog.tsx";
import { Field } from "../field.tsx";
import { Icon } from "../icon.tsx";
import { BoxText } from "../text.tsx";
import { useDecideKeys } from "./decide-keys.ts";
import { Captured, photoOf, usePhoto } from "./photo.tsx";
import { boxesIn, isPlaced, Places, placesOf, usePlaces } from "./places.tsx";
import { isVisitReady, useHasBridge, useVisit, Visit, visitIn } from "./visit.tsx";

type Approval = NonNullable<Operations["POST /v1/actions/{id}/approval"]["body"]>;
type RegisteredType = NonNullable<Approval["type"]>;

const types: readonly RegisteredType[] = ["employee", "visitor", "vip", "blacklist"];
/** Characters of a name or a group, and of a note. */
const maxTextLength = 64;
const maxNote = 500;

interface RegisterDialogProps {
  action: Action;
  onApproved(changed: Action): void;
  onClose(): void;
}

/** Says who a stranger is, and at which boxes. No kind is chosen before the user does. */
export function RegisterDialog({ action, onApproved, onClose }: RegisterDialogProps) {
  const w = actionWords.value;
  const { id, event = null } = action;
  const photo = useMemo(() => photoOf(event), [id]);
  const shown = usePhoto(id, photo);
  const places = usePlaces(action);
  const [name, group, note] = [useSignal(""), useSignal(""), useSignal("")];
  const type = useSignal<RegisteredType | null>(null);
  const visit = useVisit();
  const hasBridge = useHasBridge(placesOf(places, action.box));
  const isVisitor = type.value === "visitor";
  const stage = useRef<HTMLDivElement>(null);
  const isKind = type.value !== null && (!isVisitor || isVisitReady(visit, hasBridge));
  const isReady = isKind && shown.url !== null && isPlaced(places);
  const register = async () => {
    if (type.value === null) return;
    const body = {
      name: name.value.trim(),
      type: type.value,
      ...boxesIn(places),
      ...(isVisitor ? visitIn(visit, hasBridge) : {}),
      ...given({ group: group.value.trim(), note: note.value.trim() }),
      ...(photo === null ? {} : { photo: photo.sha256 }),
    };
    onApproved(await gatepost().ask("POST /v1/actions/{id}/approval", { path: { id }, body }));
  };
  const refuse = () => {
    onClose();
    decline([action]);
  };
  useDecideKeys({ d: refuse });
  return (
    <FormDialog
      look="decide"
      first={stage}
      title={w.approveTitle["1001"]()}
      under={event === null ? null : <Passing event={event} />}
      does={w.approveDo["1001"]}
      hint="⏎"
      isRisk={type.value === "blacklist"}
      isReady={isReady}
      onSend={register}
      onClose={onClose}
      others={
        <Button onClick={refuse}>
          {w.decline} <KeyHint of="D" />
        </Button>
      }
    >
      <div class="same beside" ref={stage}>
        <figure>
          <span class="frame">
            <Captured photo={photo} shown={shown} />
          </span>
          <figcaption>{w.becomesRegistered}</figcaption>
        </figure>
        <div class="form">
          <Field label={w.name} member="name" of={name} required maxLength={maxTextLength} placeholder={w.asOnPass} />
          <Types chosen={type} />
          {type.value === "blacklist" ? (
            <p class="note bad" role="status">
              <Icon name="problems" />
              <span>{w.alarmed}</span>
            </p>
          ) : null}
        </div>
      </div>
      <div class="grid-form">
        {isVisitor ? <Visit of={visit} hasBridge={hasBridge} /> : null}
        <Field
          label={w.group}
          member="group"
          of={group}
          maxLength={maxTextLength}
          placeholder={w.groupLeftOut}
          list="groups"
        />
        <Groups />
        <Places of={places} box={action.box} id={null} />
        <Field
          label={labels.value.note}
          member="note"
          of={note}
          maxLength={maxNote}
          placeholder={words.value.live.optional}
        />
      </div>
    </FormDialog>
  );
}

/** The first groups that boxes have named, to choose from. The user may type another one. */
function Groups() {
  const { state } = useLoading("groups", async (signal) => {
    return (await gatepost().ask("GET /v1/groups", { query: { limit: 500 }, signal })).groups;
  });
  return (
    <datalist id="groups">
      {(state.value.value ?? []).map(({ name, people }) => (
        <option key={name} value={name} label={`${name} · ${actionWords.value.peopleIn(people)}`} />
      ))}
    </datalist>
  );
}

/** The place and time of the passing, and the way to the strangers of the same gate. */
function Passing({ event }: { event: Event }) {
  return (
    <p class="line quiet">
      <span>
        <BoxText text={placeOf(event)} />
        {actionWords.value.comma}
        {clockTime(event.time)}
      </span>
      <a href={addressOf("stranger", event.id)}>
        <u>{words.value.event.compareOthers}</u>
      </a>
    </p>
  );
}

function Types({ chosen }: { chosen: Signal<RegisteredType | null> }) {
  const { kinds } = words.value;
  return (
    <fieldset class="chips">
      <legend>{actionWords.value.type}</legend>
      {types.map((type) => (
        <label key={type} class="chip">
          <input
            type="radio"
            name="type"
            class="hide"
            checked={chosen.value === type}
            onChange={() => (chosen.value = type)}
          />
          {kinds[type]}
        </label>
      ))}
    </fieldset>
  );
}

/** The texts that were typed. */
function given(texts: Record<"group" | "note", string>): Partial<typeof texts> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
}
