import { onStandIns } from "../../standins/aws.ts";
import { byGet } from "../../system/blackbox/by-get.ts";
import { servedOn } from "./served.ts";

onStandIns((standIns) => {
  byGet("AWS", async () => (await servedOn(standIns)).running);
});
