import type { Action, Operations } from "@gatepost/client";
import { type Signal, useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { boxNameOf } from "../../format/event.ts";
import { listBoxes } from "../../state/boxes/list-boxes.ts";
import { useLoading } from "../../state/loading.ts";
import { defaultSite, listAllSites, type Site, siteNameOf } from "../../state/sites.ts";
import { actionWords } from "../../words/actions.ts";
import { Choice } from "../field.tsx";

type Approval = NonNullable<Operations["POST /v1/actions/{id}/approval"]["body"]>;
type Where = "here" | "site" | "all" | "some";

/** The boxes that a user chooses. */
export interface ChosenPlaces {
  /** Null until the user has chosen: then the first choice is meant. */
  where: Signal<Where | null>;
  some: Signal<readonly string[]>;
  /** The site of the box; null if it is in none, undefined before that is known. */
  site: Site | null | undefined;
}

/** The places of an action. If a site shares its people, an id means one person there, and all its boxes are first. */
export function usePlaces({ box }: Action): ChosenPlaces {
  const where = useSignal<Where | null>(null);
  const some = useSignal<readonly string[]>([box]);
  // The next action may be meant for other boxes.
  useLayoutEffect(() => {
    some.value = [box];
    if (where.peek() === "some") where.value = null;
  }, [box]);
  const { state } = useLoading("sites of boxes", listAllSites);
  const { value, failure } = state.value;
  const site = (value ?? (failure === null ? undefined : []))?.find(({ boxes }) => boxes.includes(box));
  if (value === null && failure === null) return { where, some, site: undefined };
  return { where, some, site: site === undefined || site.id === defaultSite ? null : site };
}

const whereIn = ({ where, site }: ChosenPlaces): Where =>
  where.value ?? (site?.sharesPeople === true ? "site" : "here");

/** Whether an order can be given: at least one box is chosen. */
export const isPlaced = (chosen: ChosenPlaces) =>
  chosen.site !== undefined && (whereIn(chosen) !== "some" || chosen.some.value.length > 0);

/** The boxes as an approval names them. */
export function boxesIn(chosen: ChosenPlaces): Pick<Approval, "boxes"> {
  const where = whereIn(chosen);
  if (where === "here") return {};
  return { boxes: where === "some" ? [...chosen.some.value] : where };
}

/** The chosen boxes by their ids; null for all of them. */
export function placesOf(chosen: ChosenPlaces, box: string): readonly string[] | null {
  const where = whereIn(chosen);
  if (where === "here") return [box];
  if (where === "some") return chosen.some.value;
  return where === "site" ? (chosen.site?.boxes ?? null) : null;
}

/** The choice of the boxes. `id` is of the person whom they know already; null for a stranger. */
export function Places({ of: chosen, box, id }: { of: ChosenPlaces; box: string; id: string | null }) {
  const w = actionWords.value;
  const { state } = useLoading("boxes to act on", async (signal) => (await listBoxes(signal)).boxes);
  const boxes = state.value.value ?? [{ id: box, name: null }];
  const { site = null, some, where } = chosen;
  const ofSite = site === null ? [] : ([["site", siteText(site, id)]] as const);
  const here = ["here", w.onlyAt(boxNameOf(boxes.find((one) => one.id === box) ?? { id: box, name: null }))] as const;
  const first = site?.sharesPeople === true ? [...ofSite, here] : [here, ...ofSite];
  const toggle = (one: string, isOn: boolean) => {
    some.value = isOn ? [...some.value, one] : some.value.filter((other) => other !== one);
  };
  return (
    <div class="gap">
      <Choice
        label={w.where}
        member="boxes"
        chosen={whereIn(chosen)}
        choices={[...first, ["all", w.allBoxes], ["some", w.someBoxes]]}
        onChoose={(place) => (where.value = place)}
      />
      {whereIn(chosen) === "some" ? (
        <fieldset class="box-list">
          <legend class="hide">{w.someBoxes}</legend>
          {boxes.map((one) => (
            <label key={one.id}>
              <input
                type="checkbox"
                checked={some.value.includes(one.id)}
                onChange={({ currentTarget }) => toggle(one.id, currentTarget.checked)}
              />
              <bdi title={one.id}>{boxNameOf(one)}</bdi>
            </label>
          ))}
        </fieldset>
      ) : null}
    </div>
  );
}

function siteText(site: Site, id: string | null): string {
  const w = actionWords.value;
  const [n, name] = [site.boxes.length, siteNameOf(site)];
  return site.sharesPeople && id !== null ? w.allKnowing(n, name, id) : w.allOf(n, name);
}
