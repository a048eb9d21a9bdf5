import { isDeepStrictEqual } from "node:util";
import { BoxPipeline, type PipelineDeps } from "./box-pipeline.ts";
import { Bandwidth } from "./cloud/bandwidth.ts";
import { Cloud } from "./cloud/cloud.ts";
import type { BoxConfig, BridgeConfig } from "./config/schema.ts";
import type { BoxStatus } from "./status.ts";

type CloudConfig = BridgeConfig["cloud"];

/** The parts that all pipelines share. */
interface Shared {
  config: CloudConfig;
  cloud: Cloud;
  bandwidth: Bandwidth;
}

interface Entry {
  config: BoxConfig;
  shared: Shared;
  pipeline: BoxPipeline;
}

/** The pipelines of all boxes in the present configuration. */
export class Pipelines {
  readonly #deps: PipelineDeps;
  #entries = new Map<string, Entry>();
  #shared: Shared | null = null;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
  }

  find(box: string): BoxPipeline | undefined {
    return this.#entries.get(box)?.pipeline;
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  wake(): void {
    for (const { pipeline } of this.#entries.values()) pipeline.wake();
  }

  status(): BoxStatus[] {
    return [...this.#entries.values()].map(({ pipeline }) => pipeline.status());
  }

  /**
   * Stops the pipelines of removed and changed boxes, and starts pipelines for new ones. The others keep running. Do
   * not call it again before it has resolved.
   */
  async set({ boxes, cloud }: Pick<BridgeConfig, "boxes" | "cloud">): Promise<void> {
    const shared = this.#sharedFor(cloud);
    const before = [...this.#entries.values()];
    const kept = before.filter(
      (entry) => entry.shared === shared && boxes.some((box) => isDeepStrictEqual(box, entry.config)),
    );
    this.#entries = byName(kept);
    await Promise.all(before.filter((entry) => !kept.includes(entry)).map(({ pipeline }) => pipeline.stop()));
    this.#entries = byName(boxes.map((config) => this.#entries.get(config.name) ?? this.#begin(config, shared)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ pipeline }) => pipeline.stop()));
  }

  #sharedFor(config: CloudConfig): Shared {
    if (this.#shared !== null && isDeepStrictEqual(config, this.#shared.config)) return this.#shared;
    const perSecond = config.bandwidth_per_second ?? Number.POSITIVE_INFINITY;
    const bandwidth = new Bandwidth(perSecond, this.#deps.clock);
    this.#shared = { config, cloud: new Cloud(config.url), bandwidth };
    return this.#shared;
  }

  #begin(config: BoxConfig, shared: Shared): Entry {
    const { cloud, bandwidth } = shared;
    const pipeline = new BoxPipeline({ ...this.#deps, config, cloud, bandwidth, maxBody: shared.config.max_body });
    return { config, shared, pipeline };
  }
}

function byName(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.config.name, entry]));
}
