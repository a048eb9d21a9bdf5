import { taught } from "../blackbox/taught.ts";
import { oneMachine } from "./one-machine.ts";

taught("one machine", oneMachine);
