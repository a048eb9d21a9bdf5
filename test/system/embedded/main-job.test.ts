import { mainJob } from "../blackbox/main-job.ts";
import { oneMachine } from "./one-machine.ts";

mainJob("one machine", oneMachine);
