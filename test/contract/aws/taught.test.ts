import { onStandIns } from "../../standins/aws.ts";
import { taught } from "../../system/blackbox/taught.ts";
import { noon } from "../samples.ts";
import { servedOn } from "./served.ts";

onStandIns((standIns) => {
  taught("AWS", async () => {
    const { deps, running } = await servedOn(standIns);
    let seconds = 0;
    return { ...running, doesJobs: false, later: () => deps.setClock(noon + ++seconds * 1000) };
  });
});
