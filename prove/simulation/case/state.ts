import type { World } from "../aws/world.ts";
import type { BridgeOnFile } from "../bridge/bridge.ts";
import type { Case } from "./case.ts";
import { Model } from "./model.ts";
import type { Watcher } from "./watcher.ts";

/** One run so far: its requests and answers, beside the stores themselves. */
export class RunState {
  readonly one: Case;
  readonly world: World;
  readonly model: Model;
  readonly watchers: Watcher[] = [];
  /** When events were marked as seen, by their ids: from the first request for it to its answer. */
  readonly seen = new Map<string, { from: number; until: number }>();
  /** Bodies that could not be understood and were acknowledged, by the id of their record. */
  readonly kept = new Map<string, Buffer>();
  /** The answers of the subscriber that were acknowledged, by the id of the action. */
  readonly settled = new Map<string, string>();
  /** The number of the last status of each box that was acknowledged. */
  readonly statuses = new Map<string, number>();
  /** The events that the feed of changes gave, in their last form, and the cursor to continue. */
  readonly followed = new Map<string, string>();
  feedCursor: string | null = null;
  isFollowing = false;
  /** The bodies that the bridge has acknowledged, by box; and those that the cloud received first. Both in order. */
  readonly bridged = new Map<string, string[]>();
  readonly arrived = new Map<string, string[]>();
  bridge: BridgeOnFile | null = null;

  constructor(one: Case, world: World) {
    this.one = one;
    this.world = world;
    this.model = new Model(one);
  }

  get now(): number {
    return this.world.scheduler.now;
  }

  pause(ms: number): Promise<void> {
    return this.world.scheduler.pause(ms);
  }

  trace(line: string): void {
    this.world.trace(line);
  }
}
