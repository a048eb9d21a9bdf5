import { isDeepStrictEqual } from "node:util";
import type { Log } from "@gatepost/core/log";
import { CloudError, type CloudOrders } from "./cloud-orders.ts";
import type { KeptFiles } from "./kept-files.ts";
import type { OrderSpool } from "./order-spool.ts";
import { outcomeOf, type ReportedOutcome, type Task } from "./task.ts";

interface ReportDeps {
  spool: OrderSpool;
  kept: KeptFiles;
  cloud: CloudOrders;
  log: Log;
  now(): number;
}

/** Most boxes of one report. */
const maxBoxes = 100;

/**
 * Reports the changed states of tasks to the cloud, with all boxes of an order together. Throws CloudError. A report
 * that is refused because of its action does not delay the others; the refusal is returned.
 */
export async function reportAll(deps: ReportDeps, signal: AbortSignal): Promise<CloudError | null> {
  let failure: CloudError | null = null;
  const news = deps.spool.news().flatMap((task) => {
    const outcome = outcomeOf(task, deps.now());
    return outcome === null || isDeepStrictEqual(outcome, task.reported) ? [] : [{ task, outcome }];
  });
  for (const ofOrder of Map.groupBy(news, ({ task }) => `${task.ref} ${task.number}`).values()) {
    try {
      await report(ofOrder.slice(0, maxBoxes), deps, signal);
    } catch (error) {
      if (!(error instanceof CloudError) || !error.isOfOne) throw error;
      failure = error;
    }
  }
  return failure;
}

type News = readonly { task: Task; outcome: ReportedOutcome }[];

async function report(news: News, deps: ReportDeps, signal: AbortSignal): Promise<void> {
  const [first] = news;
  if (first === undefined) return;
  const { ref, number, kind } = first.task;
  const boxes = news.map(({ task, outcome }) => ({ box: task.box, ...outcome }));
  const answer =
    kind === "remove"
      ? await deps.cloud.reportRemoval(ref, first.outcome, signal)
      : await deps.cloud.report(ref, { number, boxes }, signal);
  if (answer.state === "gone") {
    deps.spool.drop(ref);
    deps.kept.removeAll(ref);
    return;
  }
  // A refused report is of an older order: the newer one is received at the next look.
  if (answer.state === "refused") deps.log.warn("a report was refused", { action: ref, number, why: answer.reason });
  for (const { task, outcome } of news) deps.spool.setReported(task, outcome);
}
