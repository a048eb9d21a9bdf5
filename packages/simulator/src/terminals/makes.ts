import { dahua } from "./dahua.ts";
import type { TerminalForm } from "./form.ts";
import { hikvision } from "./hikvision.ts";
import { uniview } from "./uniview.ts";
import { zkteco } from "./zkteco.ts";

/** The makers whose terminals are simulated. */
export const terminalMakes = ["hikvision", "dahua", "uniview", "zkteco"] as const;
export type TerminalMake = (typeof terminalMakes)[number];

export const forms: Readonly<Record<TerminalMake, TerminalForm>> = { hikvision, dahua, uniview, zkteco };
