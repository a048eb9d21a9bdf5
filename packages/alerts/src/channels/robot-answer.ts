import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import type { Reply } from "../net/post.ts";
import { type Fault, failed, type Sent } from "./sending.ts";

/** Robots answer 200 also where they did not take a message: a code in the body says so. */
const answer = z.object({
  errcode: z.int().optional(),
  errmsg: z.string().optional(),
  code: z.int().optional(),
  msg: z.string().optional(),
});

/** What a robot says of a message; its code is `errcode` or `code`, and 0 where it took it. */
export function robotAnswer(channel: string, { status, text }: Reply, faults: Readonly<Record<number, Fault>>): Sent {
  const said = answer.safeParse(jsonIn(text)).data ?? null;
  const code = said?.errcode ?? said?.code ?? null;
  if (status === 200 && code === 0) return { status, failure: null, isRefused: false };
  if (said === null || code === null) {
    return failed(channel, { status, code: null, said: "no answer of such a robot; is the URL right?" }, faults);
  }
  return failed(channel, { status, code, said: said.errmsg ?? said.msg ?? "" }, faults);
}
