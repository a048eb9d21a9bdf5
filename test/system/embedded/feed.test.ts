import { following } from "../blackbox/feed.ts";
import { oneMachine } from "./one-machine.ts";

following("one machine", async () => ({ ...(await oneMachine()), finish: async () => {} }));
