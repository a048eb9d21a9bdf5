import type { BoxHealth, BoxNotice } from "@gatepost/ingest";
import type { Dynamo } from "./dynamo.ts";

/** What each box said last of itself, of its devices and of commands: a row a box and kind. */
export class DynamoBoxHealth implements BoxHealth {
  readonly #dynamo: Dynamo;

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  async keep({ box, kind, receivedAt, report }: BoxNotice): Promise<void> {
    await this.#dynamo.change({
      pk: noticeRow(box, kind),
      set: { box, kind, receivedAt, report: JSON.stringify(report) },
      // A replay is older than what came since.
      condition: "attribute_not_exists(#receivedAt) OR #receivedAt <= :received",
      values: { received: receivedAt },
    });
  }
}

export function noticeRow(box: string, kind: BoxNotice["kind"]): string {
  return `notice ${kind} ${box}`;
}
