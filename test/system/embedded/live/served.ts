import type { Live } from "../../blackbox/live.ts";
import { oneMachine } from "../one-machine.ts";

/** A separate server, whose readers connect by a path that has their key. */
export async function served(pathOf: (token: string) => string): Promise<Live> {
  const running = await oneMachine();
  return { ...running, address: (token) => running.url.replace("http", "ws") + pathOf(token) };
}
