import type { Event, Operations, RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { listBoxes } from "../boxes/list-boxes.ts";
import { boxNameOf, nameOf } from "../format/event.ts";
import { FormDialog } from "../parts/dialog.tsx";
import { Choice, Field } from "../parts/field.tsx";
import { Missing } from "../parts/picture.tsx";
import { useLoading } from "../state/loading.ts";
import { isLost } from "../state/pictures.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

/** The picture that is brought to the boxes: the face, else the scene. */
function photoOf(event: Event | null) {
  const kind = event?.pictures.face === undefined ? ("scene" as const) : ("face" as const);
  const sha256 = event?.pictures[kind]?.sha256;
  return sha256 === undefined ? null : { kind, sha256 };
}

/** Shows only the photo with this hash, so that the user approves exactly the photo on the screen. */
function ApprovedPhoto({ id, photo }: { id: string; photo: NonNullable<ReturnType<typeof photoOf>> }) {
  const { pictures: w } = words.value;
  const { kind, sha256 } = photo;
  const url = useSignal<string | null>(null);
  const failed = useSignal<"lost" | "failed" | null>(null);
  useEffect(() => {
    const closed = new AbortController();
    const load = async () => {
      const asking = { path: { id }, query: { sha256 }, signal: closed.signal };
      const blob = await (await gatepost().send("GET /v1/actions/{id}/photo", asking)).blob();
      if (!closed.signal.aborted) url.value = URL.createObjectURL(blob);
    };
    load().catch((error: unknown) => {
      if (!closed.signal.aborted) failed.value = isLost(error) ? "lost" : "failed";
    });
    return () => {
      closed.abort();
      if (url.value !== null) URL.revokeObjectURL(url.value);
    };
  }, [id, sha256]);
  if (failed.value !== null) return <Missing class="pic" alt={w[kind]} text={w[failed.value]} />;
  if (url.value === null) return <span class="pic waits" />;
  return <img class="pic" src={url.value} alt={w[kind]} width={200} height={250} draggable={false} />;
}

type Approval = NonNullable<Operations["POST /v1/actions/{id}/approval"]["body"]>;
type RegisteredType = NonNullable<Approval["type"]>;
type Where = "here" | "site" | "all" | "some";

/** The blacklist is last and is never preselected. */
const types: readonly RegisteredType[] = ["employee", "visitor", "vip", "blacklist"];
/** Characters of a name or a group. */
const maxTextLength = 64;
const places: readonly Where[] = ["here", "site", "all", "some"];

/** Says who a stranger is, or that a photo is taken, and at which boxes. */
export function Approve({
  action,
  onApproved,
  onClose,
}: {
  action: RequestedAction;
  onApproved(changed: RequestedAction): void;
  onClose(): void;
}) {
  const { actions: w } = words.value;
  const { event = null, wantAction } = action;
  // The photo as it was when the dialogue opened, even if the event shows another one later.
  const { value: photo } = useSignal(photoOf(event));
  const isStranger = wantAction === "1001";
  const name = useSignal("");
  const type = useSignal<RegisteredType>("employee");
  const group = useSignal("");
  const where = useSignal<Where>("here");
  const chosen = useSignal<readonly string[]>([action.box]);
  const approve = async () => {
    const person = isStranger ? { name: name.value.trim(), type: type.value, ...given("group", group.value) } : {};
    const looked = photo === null ? {} : { photo: photo.sha256 };
    const body = { ...person, ...boxesIn(where.value, chosen.value), ...looked };
    const path = { id: action.id };
    onApproved((await gatepost().ask("POST /v1/actions/{id}/approval", { path, body })) as RequestedAction);
  };
  return (
    <FormDialog
      title={w.approveTitle[wantAction](event === null ? words.value.somebody : nameOf(event))}
      does={w.approveDo[wantAction]}
      isReady={where.value !== "some" || chosen.value.length > 0}
      onSend={approve}
      onClose={onClose}
    >
      {photo === null ? null : (
        <span class="approved-face">
          <ApprovedPhoto id={action.id} photo={photo} />
        </span>
      )}
      {isStranger ? <Person name={name} type={type} group={group} /> : <p class="quiet">{w.photoOnly}</p>}
      <Places action={action} where={where} chosen={chosen} />
    </FormDialog>
  );
}

interface PersonFields {
  name: { value: string };
  type: { value: RegisteredType };
  group: { value: string };
}

function Person({ name, type, group }: PersonFields) {
  const { actions: w, kinds } = words.value;
  return (
    <>
      <Field label={w.name} of={name} required maxLength={maxTextLength} />
      <Choice
        label={w.type}
        chosen={type.value}
        choices={types.map((one) => [one, kinds[one]])}
        onChoose={(chosen) => (type.value = chosen)}
      />
      <Field label={w.group} of={group} maxLength={maxTextLength} placeholder={w.groupLeftOut} />
    </>
  );
}

interface PlacesProps {
  action: RequestedAction;
  where: { value: Where };
  chosen: { value: readonly string[] };
}

function Places({ action, where, chosen }: PlacesProps) {
  const { actions: w } = words.value;
  const { state } = useLoading("boxes to act on", async (signal) => (await listBoxes(signal)).boxes);
  const boxes = state.value.value ?? [{ id: action.box, name: null }];
  const labels: Record<Where, string> = {
    here: w.onlyAt(boxNameOf(boxes.find(({ id }) => id === action.box) ?? { id: action.box, name: null })),
    site: w.site,
    all: w.allBoxes,
    some: w.someBoxes,
  };
  const toggle = (box: string, isOn: boolean) => {
    chosen.value = isOn ? [...chosen.value, box] : chosen.value.filter((one) => one !== box);
  };
  return (
    <>
      <Choice
        label={w.where}
        chosen={where.value}
        choices={places.map((one) => [one, labels[one]])}
        onChoose={(place) => (where.value = place)}
      />
      {where.value === "some" ? (
        <fieldset class="box-list">
          <legend class="hide">{w.someBoxes}</legend>
          {boxes.map((box) => (
            <label key={box.id}>
              <input
                type="checkbox"
                checked={chosen.value.includes(box.id)}
                onChange={({ currentTarget }) => toggle(box.id, currentTarget.checked)}
              />
              <bdi title={box.id}>{boxNameOf(box)}</bdi>
            </label>
          ))}
        </fieldset>
      ) : null}
    </>
  );
}

function boxesIn(where: Where, chosen: readonly string[]): Pick<Approval, "boxes"> {
  if (where === "here") return {};
  return { boxes: where === "some" ? [...chosen] : where };
}

function given(name: "group", value: string): Pick<Approval, "group"> {
  return value.trim() === "" ? {} : { [name]: value.trim() };
}
