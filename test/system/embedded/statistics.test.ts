import { statistics } from "../blackbox/statistics.ts";
import { oneMachine } from "./one-machine.ts";

statistics("one machine", oneMachine);
