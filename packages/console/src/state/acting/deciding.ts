import { type Action, type Client, type Operations, pauseAsked } from "@gatepost/client";
import { signal } from "@preact/signals";
import { actionWords } from "../../words/actions.ts";
import { failureOf, failureText, isPassing } from "../failure.ts";
import { type Choices, say, sayUndoable, undoableFor } from "../notice.ts";
import { gatepost, session } from "../session.ts";
import { decideByJob, jobBeyond } from "./by-job.ts";
import { changes, hide, noteTaken, show, titleOf } from "./decided.ts";

type Body = Operations["POST /v1/actions/{id}"]["body"];
type Reason = NonNullable<NonNullable<Action["decline"]>["reason"]>;
type Verdict = "declined" | "done" | "failed";
type Actions = readonly Action[];

const reasons: readonly Reason[] = ["delivery", "not-to-be-kept", "poor-photo", "not-this-person"];

/** One decision about some actions, and how it is taken back. */
interface Act {
  verdict: Verdict;
  actions: Actions;
  undo(): Promise<void>;
  /** Says why, later. */
  explain?(reason: Reason): void;
  /** Waits 10 s again before it is sent. */
  wait?(): void;
}

/** Acts of the last two seconds are one sentence, with one undo. */
const togetherMs = 2000;
let together: readonly Act[] = [];
let lastAt = Number.NEGATIVE_INFINITY;

/** How far the sending of many decisions is; null while no such is under way. */
export const underWay = signal<{ done: number; of: number } | null>(null);

/** More are shown with their progress, and can be undone once all are sent. Beyond `jobBeyond` a job decides them. */
const mostAtOnce = 20;

/** Declines actions, here and for all users at once, and offers to take that back and to say why. */
export function decline(actions: Actions): void {
  const [client, ids] = [gatepost(), idsOf(actions)];
  hide(ids);
  if (ids.length > jobBeyond) {
    void decideByJob({ do: "decline", actions: ids });
    return;
  }
  const taken = sendAll(client, ids, { state: "declined", reason: null, note: null });
  if (ids.length <= mostAtOnce) reportDeclined(client, actions, taken);
  else {
    void taken.then((done) => {
      if (done.length > 0)
        reportDeclined(
          client,
          actions.filter(({ id }) => done.includes(id)),
          taken,
        );
    });
  }
}

function reportDeclined(client: Client, actions: Actions, declined: Promise<readonly string[]>): void {
  const ids = idsOf(actions);
  let taken = declined;
  report({
    verdict: "declined",
    actions,
    async undo() {
      show(ids);
      await sendAll(client, await taken, { state: "open" });
    },
    explain(reason) {
      taken = taken.then((done) => sendAll(client, done, { state: "declined", reason, note: null }));
    },
  });
}

/** Takes back that an action was declined, at any time. */
export async function reopen(id: string): Promise<Action> {
  const reopened = await gatepost().ask("POST /v1/actions/{id}", { path: { id }, body: { state: "open" } });
  show([id]);
  return reopened;
}

/** Decisions that are not sent yet. */
const unsent = new Set<(how: { isLeaving: boolean }) => void>();

/**
 * Marks actions as done or failed, and offers to take that back. The server takes no result back. So it is sent when the
 * 10 s are over, or at once when the user signs out or closes the page: until then the action stays open for others.
 */
export function settle(actions: Actions, verdict: "done" | "failed"): void {
  const [client, ids] = [gatepost(), idsOf(actions)];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = ({ isLeaving }: { isLeaving: boolean }) => {
    unwait();
    // After a sign-out, this user has no job any more.
    const isByJob = verdict === "done" && ids.length > jobBeyond && client === session.peek();
    if (isByJob) void decideByJob({ do: "done", actions: ids }, isLeaving);
    else void sendAll(client, ids, { state: verdict, note: null }, isLeaving);
  };
  const unwait = () => {
    clearTimeout(timer);
    unsent.delete(send);
  };
  const wait = () => {
    if (!unsent.has(send)) return;
    clearTimeout(timer);
    timer = setTimeout(() => send({ isLeaving: false }), undoableFor);
  };
  hide(ids);
  unsent.add(send);
  wait();
  report({
    verdict,
    actions,
    wait,
    async undo() {
      if (!unsent.has(send)) return;
      unwait();
      show(ids);
    },
  });
}

addEventListener("pagehide", () => sendUnsent({ isLeaving: true }));
session.subscribe(() => sendUnsent({ isLeaving: false }));

function sendUnsent(how: { isLeaving: boolean }): void {
  for (const send of [...unsent]) send(how);
}

function report(act: Act): void {
  const now = performance.now();
  const isSame = together.every(({ verdict }) => verdict === act.verdict);
  together = isSame && now - lastAt < togetherMs ? [...together, act] : [act];
  lastAt = now;
  const acts = together;
  for (const act of acts) act.wait?.();
  const undo = async () => {
    together = [];
    await Promise.all(acts.map((one) => one.undo()));
  };
  sayUndoable(textOf(acts), undo, { choices: act.verdict === "declined" ? reasonsFor(acts) : null });
}

function textOf(acts: readonly Act[]): string {
  const w = actionWords.value;
  const all = acts.flatMap(({ actions }) => actions);
  const [first] = all;
  const what = first === undefined || all.length > 1 ? w.many(all.length) : titleOf(first);
  const says: Record<Verdict, (what: string) => string> = {
    declined: w.saidDeclined,
    done: w.saidDone,
    failed: w.saidFailed,
  };
  return says[acts[0]?.verdict ?? "declined"](what);
}

function reasonsFor(acts: readonly Act[]): Choices {
  const w = actionWords.value;
  return {
    label: w.why,
    of: reasons.map((reason) => ({
      text: w.reasons[reason],
      choose() {
        for (const act of acts) act.explain?.(reason);
      },
    })),
  };
}

const idsOf = (actions: Actions) => actions.map(({ id }) => id);

let stopSending = () => {};

/** Leaves the rest of many decisions undone: these actions are open again. */
export const stop = () => stopSending();

/** Requests at the same time. */
const atOnce = 4;

/** Sends one decision about several actions. Resolves with the ids of those that were taken; others are shown again. */
async function sendAll(
  client: Client,
  ids: readonly string[],
  body: Body,
  isLeaving = false,
): Promise<readonly string[]> {
  const taken: string[] = [];
  const left = [...ids];
  const isLong = ids.length > mostAtOnce && !isLeaving;
  if (isLong) {
    underWay.value = { done: 0, of: ids.length };
    stopSending = () => show(left.splice(0));
  }
  const sendSome = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        await untilAnswered(client, id, body, isLeaving);
        taken.push(id);
        noteTaken(id);
      } catch (error) {
        refuse(id, error);
      }
      if (isLong) underWay.value = { done: taken.length, of: ids.length };
    }
  };
  await Promise.all(Array.from({ length: isLeaving ? left.length : atOnce }, sendSome));
  if (isLong) underWay.value = null;
  changes.value++;
  return taken;
}

function refuse(id: string, error: unknown): void {
  const failure = failureOf(error);
  show([id]);
  if (failure === null || session.peek() === null) return;
  say(failureText(failure));
}

const maxTries = 4;
const retryMs = 2000;

/** Sends a decision again after what passes: sent twice it does the same. */
async function untilAnswered(client: Client, id: string, body: Body, isLeaving: boolean): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await client.ask("POST /v1/actions/{id}", { path: { id }, body, keepalive: isLeaving });
      return;
    } catch (error) {
      const failure = failureOf(error);
      if (failure === null || !isPassing(failure) || tries === maxTries || client !== session.peek()) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseAsked(failure.retryAfter, retryMs)));
    }
  }
}
