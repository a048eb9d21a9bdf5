import type { Operations, RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Picture } from "../parts/picture.tsx";
import { failureOf } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

type Approval = NonNullable<Operations["POST /v1/actions/{id}/approval"]["body"]>;
type RegisteredType = NonNullable<Approval["type"]>;
type Where = "here" | "site" | "all" | "some";

/** The blacklist comes last and is never chosen before somebody has chosen it. */
const types: readonly RegisteredType[] = ["employee", "visitor", "vip", "blacklist"];
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
  const { actions: w, cancel } = words.value;
  const { event = null, wantAction } = action;
  const isStranger = wantAction === "1001";
  const name = useSignal("");
  const type = useSignal<RegisteredType>("employee");
  const group = useSignal("");
  const where = useSignal<Where>("here");
  const chosen = useSignal<readonly string[]>([action.box]);
  const fault = useSignal<string | null>(null);
  const approve = async (sent: SubmitEvent) => {
    sent.preventDefault();
    const person = isStranger ? { name: name.value.trim(), type: type.value, ...given("group", group.value) } : {};
    try {
      const body = { ...person, ...boxesIn(where.value, chosen.value) };
      const path = { id: action.id };
      onApproved((await gatepost().ask("POST /v1/actions/{id}/approval", { path, body })) as RequestedAction);
      onClose();
    } catch (error) {
      fault.value = failureOf(error)?.detail ?? null;
    }
  };
  return (
    <Dialog title={w.approveTitle[wantAction]} onClose={onClose}>
      <form class="form" onSubmit={(sent) => void approve(sent)}>
        {event?.pictures.face === undefined ? null : (
          <span class="approved-face">
            <Picture of={event} kind="face" alt={words.value.pictures.face} />
          </span>
        )}
        {isStranger ? <Person name={name} type={type} group={group} /> : <p class="quiet">{w.photoOnly}</p>}
        <Places action={action} where={where} chosen={chosen} />
        {fault.value === null ? null : (
          <p class="note bad" role="alert">
            <bdi lang="en">{fault.value}</bdi>
          </p>
        )}
        <span class="line">
          <Button look="main" type="submit" disabled={where.value === "some" && chosen.value.length === 0}>
            {w.approveDo[wantAction]}
          </Button>
          <Button onClick={onClose}>{cancel}</Button>
        </span>
      </form>
    </Dialog>
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
      <label class="choice">
        {w.name}
        <input
          class="field"
          required
          maxLength={64}
          autocomplete="off"
          value={name.value}
          onInput={({ currentTarget }) => (name.value = currentTarget.value)}
        />
      </label>
      <label class="choice">
        {w.type}
        <select
          class="field"
          value={type.value}
          onChange={({ currentTarget }) =>
            (type.value = types.find((one) => one === currentTarget.value) ?? type.value)
          }
        >
          {types.map((one) => (
            <option key={one} value={one}>
              {kinds[one]}
            </option>
          ))}
        </select>
      </label>
      <label class="choice">
        {w.group}
        <input
          class="field"
          maxLength={64}
          autocomplete="off"
          placeholder={w.groupLeftOut}
          value={group.value}
          onInput={({ currentTarget }) => (group.value = currentTarget.value)}
        />
      </label>
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
  const { state } = useLoading("boxes to act on", (signal) =>
    gatepost().ask("GET /v1/boxes", { query: { limit: 500 }, signal }),
  );
  const boxes = state.value.value?.boxes.map(({ id }) => id) ?? [action.box];
  const labels: Record<Where, string> = {
    here: w.onlyAt(action.box),
    site: w.site,
    all: w.allBoxes,
    some: w.someBoxes,
  };
  const toggle = (box: string, isOn: boolean) => {
    chosen.value = isOn ? [...chosen.value, box] : chosen.value.filter((one) => one !== box);
  };
  return (
    <>
      <label class="choice">
        {w.where}
        <select
          class="field"
          value={where.value}
          onChange={({ currentTarget }) => (where.value = places.find((one) => one === currentTarget.value) ?? "here")}
        >
          {places.map((one) => (
            <option key={one} value={one}>
              {labels[one]}
            </option>
          ))}
        </select>
      </label>
      {where.value === "some" ? (
        <fieldset class="box-list">
          <legend class="hide">{w.someBoxes}</legend>
          {boxes.map((box) => (
            <label key={box}>
              <input
                type="checkbox"
                checked={chosen.value.includes(box)}
                onChange={({ currentTarget }) => toggle(box, currentTarget.checked)}
              />
              <bdi>{box}</bdi>
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
