import { envelopes } from "../blackbox/envelopes.ts";
import { oneMachine } from "./one-machine.ts";

envelopes("one machine", oneMachine);
