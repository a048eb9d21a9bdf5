import { consoleAsks } from "../blackbox/console-asks.ts";
import { oneMachine } from "./one-machine.ts";

consoleAsks("one machine", oneMachine);
