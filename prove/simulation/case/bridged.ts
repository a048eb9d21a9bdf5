import { Body } from "@gatepost/receive";
import type { SpooledRequest } from "../../../packages/bridge/src/spool/request.ts";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { bridgeSlot } from "../aws/world.ts";
import { BridgeOnFile } from "../bridge/bridge.ts";
import { headOf, maxPosts } from "./boxes.ts";
import type { Step } from "./case.ts";
import { tokenOf } from "./keys.ts";
import { bodyOf, type Expected, expectedOf } from "./reports.ts";
import type { RunState } from "./state.ts";

/** The boxes behind the bridge, the bridge itself, and its way to the cloud. */
export class Bridged {
  readonly #run: RunState;
  readonly #bridge: BridgeOnFile;
  readonly #random: () => number;
  readonly #lines = new Map<string, Promise<void>>();
  readonly #told = new Map<string, readonly Expected[]>();

  constructor(run: RunState) {
    this.#run = run;
    const { one, world } = run;
    this.#random = seededFor(one.seed, "bridge");
    this.#bridge = new BridgeOnFile({
      scheduler: world.scheduler,
      random: this.#random,
      tokenOf,
      uplink: (report) => this.#uplink(report),
      trace: (line) => world.trace(line),
    });
    run.bridge = this.#bridge;
    for (const trouble of one.troubles) {
      if (trouble.kind !== "crash" || trouble.slot !== bridgeSlot) continue;
      world.scheduler.after(trouble.from, () => this.#bridge.process.endAtCall(trouble.calls, trouble.isAfter));
    }
  }

  /** A box posts one body after the other, each until it is acknowledged. */
  post({ box, reports }: Step & { do: "relay" }): Promise<void> {
    const { start } = this.#run.one;
    const text = JSON.stringify(reports.map((spec) => bodyOf(spec, start)));
    this.#told.set(
      text,
      reports.map((spec) => expectedOf(spec, start)),
    );
    const posted = (this.#lines.get(box) ?? Promise.resolve()).then(() => this.#deliver(box, text));
    this.#lines.set(box, posted);
    return posted;
  }

  async #deliver(box: string, text: string): Promise<void> {
    const { bridged } = this.#run;
    for (let tried = 0; tried < maxPosts; tried++) {
      const body = Buffer.from(text);
      const report = { box, path: "/HistoryEvent", contentType: "application/json", contentEncoding: null, body };
      const isTaken = await this.#bridge.post(report);
      this.#run.trace(`the bridge ${isTaken ? "takes" : "does not take"} a body of ${box}`);
      if (isTaken) {
        bridged.set(box, [...(bridged.get(box) ?? []), text]);
        return;
      }
      await this.#run.pause(1500);
    }
  }

  /** A report of the bridge reaches Gatepost as a box's report, or gets lost, or its answer does. */
  async #uplink({ box, path, body }: SpooledRequest): Promise<{ status: number; text: string } | null> {
    const { model, world, arrived } = this.#run;
    await this.#run.pause(5 + this.#random() * 40);
    if (this.#random() < world.strength("uplink-loses-request")) return null;
    const text = Buffer.from(body).toString();
    const telling = model.tell(this.#told.get(text) ?? [], this.#run.now);
    const slot = this.#random() < 0.5 ? "ingest-0" : "ingest-1";
    const request = { ...headOf(box, path), body: new Body(text) };
    const answered = await world.invoke(slot, ({ receive }) => receive(request));
    if (answered?.answer.status === 200) {
      telling.acknowledged(this.#run.now);
      const known = arrived.get(box) ?? [];
      if (!known.includes(text)) arrived.set(box, [...known, text]);
    } else telling.over(this.#run.now);
    if (answered === null || this.#random() < world.strength("uplink-loses-answer")) return null;
    return { status: answered.answer.status, text: answered.answer.body };
  }
}
