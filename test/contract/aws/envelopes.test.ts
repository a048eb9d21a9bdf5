import { onStandIns } from "../../standins/aws.ts";
import { envelopes } from "../../system/blackbox/envelopes.ts";
import { servedOn } from "./served.ts";

onStandIns((standIns) => {
  envelopes("AWS", async () => (await servedOn(standIns)).running);
});
