import { idOf } from "@gatepost/protocol";
import { Body, type RequestHead, requestHead } from "@gatepost/receive";
import { sha256Of } from "../../../packages/aws/src/s3/objects.ts";
import type { SlotName } from "../aws/world.ts";
import type { Step } from "./case.ts";
import { tokenOf } from "./keys.ts";
import { bodyOf, expectedOf } from "./reports.ts";
import type { RunState } from "./state.ts";

/** Posts that a box makes at most of one body, and ms that it waits for each. */
export const maxPosts = 14;
const answerMs = 5000;

const slots: readonly SlotName[] = ["ingest-0", "ingest-1", "ingest-2"];

/** Hears whether a request was acknowledged, or given up by its sender. */
interface Telling {
  acknowledged(now: number): void;
  over(now: number): void;
}

const nobody: Telling = { acknowledged: () => {}, over: () => {} };

export async function post(
  { box, reports, to, tries = maxPosts }: Step & { do: "post" },
  run: RunState,
): Promise<void> {
  const told = reports.map((spec) => expectedOf(spec, run.one.start));
  const bodies = reports.map((spec) => bodyOf(spec, run.one.start));
  const text = JSON.stringify(bodies.length === 1 ? bodies[0] : bodies);
  await deliver({ box, text, to, tries, tell: (now) => run.model.tell(told, now) }, run);
}

export async function postGarbage({ box, text, to }: Step & { do: "garbage" }, run: RunState): Promise<void> {
  const isTaken = await deliver({ box, text, to, tell: () => nobody }, run);
  const body = Buffer.from(text);
  if (isTaken) run.kept.set(idOf("qrt", [box, "/HistoryEvent", sha256Of(body)]), body);
}

export async function postStatus({ box, count, to }: Step & { do: "status" }, run: RunState): Promise<void> {
  const about = { gateway_sn: "1", gateway_status: "online", gateway_ext_data: { count }, sub_devices: [] };
  const text = JSON.stringify({ dev_sno: box, ...about });
  if (await deliver({ box, text, to, tell: () => nobody }, run)) run.statuses.set(box, count);
}

export function headOf(box: string, path: string): RequestHead {
  return requestHead({
    method: "POST",
    path: `/${tokenOf(box)}${path}`,
    query: "",
    header: (name) => (name === "content-type" ? "application/json" : undefined),
    address: "10.2.2.2",
  });
}

interface Delivery {
  box: string;
  text: string;
  to: number;
  tries?: number;
  tell(now: number): Telling;
}

/** Posts until it is acknowledged or refused, or too often. Returns whether it was acknowledged. */
async function deliver(delivery: Delivery, run: RunState): Promise<boolean> {
  for (let tried = 0; tried < (delivery.tries ?? maxPosts); tried++) {
    const status = await postOnce(delivery, tried, run);
    if (status === 200 || status === 401) return status === 200;
    if (status !== 0 && status !== 503) throw new Error(`a report was answered ${status}`);
    await run.pause(500 + tried * 700);
  }
  return false;
}

/** Returns the status of the answer; 0 if none arrived. */
async function postOnce({ box, text, to, tell }: Delivery, tried: number, run: RunState): Promise<number> {
  const { model, world } = run;
  const from = run.now;
  const telling = tell(from);
  const slot = slots[(to + tried) % slots.length] ?? "ingest-0";
  const request = { ...headOf(box, "/HistoryEvent"), body: new Body(text) };
  const asked = world.invoke(slot, ({ receive }) => receive(request));
  const answered = await Promise.race([asked, run.pause(answerMs).then(() => null)]);
  const status = answered?.answer.status ?? 0;
  run.trace(`${box} is answered ${status}`);
  if (status === 200) telling.acknowledged(run.now);
  else telling.over(run.now);
  if (status === 200 && model.isRevoked(box, from)) throw new Error(`a revoked key of ${box} was taken`);
  if (status === 401 && !model.mayBeRefused(box)) throw new Error(`a live key of ${box} was refused`);
  return status;
}
