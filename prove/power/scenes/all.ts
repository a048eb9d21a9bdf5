import type { Scene } from "../recording.ts";
import { bridgeSpool } from "./bridge-spool.ts";
import { failingSync } from "./failing-sync.ts";
import { firstStart } from "./first-start.ts";
import { longLog } from "./long-log.ts";
import { retention } from "./retention.ts";
import { workingDay } from "./working-day.ts";

export const scenes: readonly Scene[] = [workingDay, bridgeSpool, firstStart, retention, longLog, failingSync];
