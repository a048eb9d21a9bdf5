import { live } from "../blackbox/live.ts";
import { onStandIns } from "../standins/aws.ts";
import { liveMachine } from "./live-machine.ts";

onStandIns((standIns) => live("AWS", () => liveMachine(standIns)));
