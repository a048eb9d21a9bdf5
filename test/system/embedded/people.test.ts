import { factorPolicy } from "../blackbox/factor-policy.ts";
import { factors } from "../blackbox/factors.ts";
import { passkeys } from "../blackbox/passkeys.ts";
import { people } from "../blackbox/people.ts";
import { oneMachine } from "./one-machine.ts";

const quickScrypt = new URL("../../support/quick-scrypt.ts", import.meta.url);

const start = () => oneMachine([], { NODE_OPTIONS: `--import ${quickScrypt}` });

people("one machine", start, { isHttps: false });
factors("one machine", start, { isHttps: false });
passkeys("one machine", start, { isHttps: false });
factorPolicy("one machine", start, { isHttps: false });
