import { byGet } from "../blackbox/by-get.ts";
import { oneMachine } from "./one-machine.ts";

byGet("one machine", oneMachine);
