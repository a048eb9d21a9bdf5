import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import type { Reply } from "../net/post.ts";
import type { AlertTarget } from "../target/target.ts";
import { type Fault, failed, json, reachOf, type SendDeps, type Sent } from "./sending.ts";

/** Robots answer 200 even if they reject a message: a code in the body tells it. */
const answer = z.object({
  errcode: z.int().optional(),
  errmsg: z.string().optional(),
  code: z.int().optional(),
  msg: z.string().optional(),
});

interface Robot {
  channel: string;
  /** What its codes mean. */
  faults: Readonly<Record<string, Fault>>;
}

/** Posts a message to a robot of a chat. Throws if no answer arrived. `url` is the target's own unless it is signed. */
export async function tellRobot(
  robot: Robot,
  { url, body }: { url?: URL; body: object },
  target: AlertTarget,
  deps: SendDeps,
): Promise<Sent> {
  const outgoing = { url: url ?? target.url, headers: json, body: JSON.stringify(body) };
  const reply = await deps.post({ ...outgoing, ...reachOf(target, deps) }, deps);
  return answerOf(robot, reply);
}

/** A robot's answer to a message; its code is `errcode` or `code`, and 0 if it accepted it. */
function answerOf({ channel, faults }: Robot, { status, text }: Reply): Sent {
  const said = answer.safeParse(jsonIn(text)).data ?? null;
  const code = said?.errcode ?? said?.code ?? null;
  if (status === 200 && code === 0) return { status, failure: null, isRefused: false };
  if (said === null || code === null) {
    return failed(channel, { status, code: null, said: "no answer of such a robot; is the URL right?" }, faults);
  }
  return failed(channel, { status, code, said: said.errmsg ?? said.msg ?? "" }, faults);
}
