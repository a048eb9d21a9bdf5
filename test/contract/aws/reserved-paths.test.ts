import { onStandIns } from "../../standins/aws.ts";
import { reservedPaths } from "../../system/blackbox/reserved-paths.ts";
import { servedOn } from "./served.ts";

onStandIns((standIns) => {
  reservedPaths("AWS", async () => (await servedOn(standIns)).running);
});
