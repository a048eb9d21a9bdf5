import { onStandIns } from "../../standins/aws.ts";
import { live } from "../../system/blackbox/live.ts";
import { liveMachine } from "./live-runtime.ts";

onStandIns((standIns) => live("AWS", () => liveMachine(standIns)));
