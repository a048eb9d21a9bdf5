import { people } from "../blackbox/people.ts";
import { oneMachine } from "./one-machine.ts";

const quickScrypt = new URL("../../support/quick-scrypt.ts", import.meta.url);

people("one machine", () => oneMachine([], { NODE_OPTIONS: `--import ${quickScrypt}` }), { isHttps: false });
