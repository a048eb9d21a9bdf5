import { onStandIns } from "../../standins/aws.ts";
import { consoleAsks } from "../../system/blackbox/console-asks.ts";
import { servedOn } from "./served.ts";

onStandIns((standIns) => {
  consoleAsks("AWS", async () => (await servedOn(standIns, { clock: Date.now })).running);
});
