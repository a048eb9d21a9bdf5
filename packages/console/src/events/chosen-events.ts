import type { Event } from "@gatepost/client";
import { ChosenRows } from "../parts/chosen-rows.ts";

/** The passings of the list that the user has chosen. */
export const chosenEvents = new ChosenRows<Event>();
