import { onStandIns } from "../../standins/aws.ts";
import { live } from "../../system/blackbox/live.ts";
import { liveRuntime } from "./live-runtime.ts";

onStandIns((standIns) => live("AWS", () => liveRuntime(standIns)));
