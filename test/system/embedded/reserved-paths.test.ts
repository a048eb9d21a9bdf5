import { reservedPaths } from "../blackbox/reserved-paths.ts";
import { oneMachine } from "./one-machine.ts";

reservedPaths("one machine", oneMachine);
