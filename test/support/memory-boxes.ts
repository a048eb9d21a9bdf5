import { BoxStore } from "@gatepost/core/boxes";
import { MemoryItems } from "@gatepost/store";
import { noon } from "../contract/samples.ts";

/** Boxes in memory, of which none expires. */
export class MemoryBoxes extends BoxStore {
  constructor() {
    const clock = () => noon;
    super({ items: new MemoryItems({ clock }), clock });
  }
}
