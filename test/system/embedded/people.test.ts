import { people } from "../blackbox/people.ts";
import { oneMachine } from "./one-machine.ts";

people("one machine", oneMachine, { isHttps: false });
