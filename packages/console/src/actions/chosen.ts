import type { RequestedAction } from "@gatepost/client";
import { csvOf } from "../format/csv.ts";
import { placeOf } from "../format/event.ts";
import { ChosenRows } from "../parts/chosen-rows.ts";
import { saveFile } from "../parts/save-file.ts";
import { actionWords } from "../words/actions.ts";

/** The open actions that the user has chosen. */
export const chosen = new ChosenRows<RequestedAction>();

const columns = ["time", "asked", "state", "person_id", "name", "type", "box", "device", "match", "action", "event"];

/** Saves actions as a table that Excel and WPS open. */
export function exportActions(actions: readonly RequestedAction[]): void {
  const lines = actions.map(({ id, at, wantAction, state, box, eventId, event = null, match = null }) => [
    ...[at, wantAction, state, event?.person.id ?? "", event?.person.name ?? "", event?.person.type ?? "", box],
    ...[event === null ? "" : placeOf(event), match === null ? "" : match.toFixed(1), id, eventId],
  ]);
  saveFile(actionWords.value.fileName, new Blob([csvOf(columns, lines)], { type: "text/csv" }));
}
