import { jobsBlackbox } from "../blackbox/jobs.ts";
import { oneMachine } from "./one-machine.ts";

jobsBlackbox("one machine", oneMachine);
