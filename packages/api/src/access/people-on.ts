import { GatepostError } from "@gatepost/core/errors";
import type { ApiPorts } from "../ports.ts";

/** Throws 403 while people, presence and hours are switched off. */
export async function requirePeople({ peopleSettings }: Pick<ApiPorts, "peopleSettings">): Promise<void> {
  if ((await peopleSettings.read()).isOn) return;
  throw new GatepostError("forbidden", "people, presence and hours are switched off here", { code: "people-off" });
}
