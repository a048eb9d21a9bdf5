import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { visible } from "../../format/event.ts";
import { words } from "../../words/index.ts";
import { keepAsking } from "../loading.ts";
import { gatepost, session } from "../session.ts";

/** A device at which people pass. */
export interface PassageDevice {
  /** `dev_…`, as passings of people name it. */
  key: string;
  /** As the filter of events takes it. */
  id: string;
  /** For people: the name of its box if it has none. */
  name: string;
  box: string;
}

interface Places {
  gates: ReadonlyMap<string, PassageDevice>;
  /** The names of boxes for people, by id. */
  boxes: ReadonlyMap<string, string>;
}

/** Boxes, and devices, that are named. */
const maxPlaces = 1000;

/** Null until they are known. */
const places = signal<Places | null>(null);

session.subscribe(() => {
  places.value = null;
});

/**
 * Reads the names of gates and boxes while a page is shown that names them by their keys. A phone with a link to a list
 * has no user, and names none.
 */
export function useGates(): void {
  useEffect(() => (session.peek() === null ? undefined : keepAsking(readPlaces)), []);
}

async function readPlaces(signal: AbortSignal): Promise<void> {
  const { boxes, devices } = await gatepost().ask("GET /v1/find", { query: { limit: maxPlaces }, signal });
  const boxNames = new Map(boxes.map(({ id, name }) => [id, visible(name) ?? id]));
  const gates = devices.map((gate) => ({ ...gate, name: visible(gate.name) ?? boxNames.get(gate.box) ?? gate.box }));
  places.value = { gates: new Map(gates.map((gate) => [gate.key, gate])), boxes: boxNames };
}

/** All gates that the user sees. */
export const allGates = (): readonly PassageDevice[] => [...(places.value?.gates.values() ?? [])];

/** Whether the names of gates are known: a sentence with an empty one would be half a sentence. */
export const areGatesKnown = () => places.value !== null;

/** The name of a gate, for people; empty until the gates are known. */
export function gateNameOf(key: string | null): string {
  if (places.value === null) return "";
  return (key === null ? null : places.value.gates.get(key)?.name) ?? words.value.noDevice;
}

/** The name of a box, for people; its id if it has none. */
export const boxNameById = (id: string): string => places.value?.boxes.get(id) ?? id;
