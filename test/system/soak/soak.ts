import { Album, type Passing, seededFor, systemClock } from "@gatepost/simulator";
import { type Account, accountOf } from "./account.ts";
import { openEmbedded } from "./embedded.ts";
import { Ledger } from "./ledger.ts";
import { notePauses, noteWaits } from "./pulse.ts";
import { openRehearsed } from "./rehearsed.ts";
import type { Runtime } from "./runtime.ts";
import { makeTrouble } from "./troubles.ts";
import { openWorld, type World } from "./world.ts";

const runtimes = { embedded: openEmbedded, rehearsal: openRehearsed };

export interface Soaked {
  account: Account;
  /** How often each trouble happened, and what else was counted. */
  counts: Record<string, number>;
}

/** ms without any progress after which the rest counts as stuck. A busy machine is slow, and continues. */
const stuckMs = 600_000;

/** Lets boxes of all kinds deliver to a runtime while everything fails at random, and until everything did once. */
export async function soak(
  against: keyof typeof runtimes,
  { seconds, seed }: { seconds: number; seed: number },
): Promise<Soaked> {
  const ledger = new Ledger();
  await using opened = new AsyncDisposableStack();
  const runtime = await runtimes[against](seed);
  opened.defer(() => runtime.close());
  opened.defer(notePauses(runtime.delays));
  opened.defer(noteWaits(runtime.delays));
  const album = await Album.draw(seed, { looks: 2, scale: runtime.scale });
  const world = await openWorld(runtime, { seed, album, watch: ledger.watch });
  opened.defer(() => world.close());
  const [over, passing, uploading] = [new AbortController(), new AbortController(), new AbortController()];
  const uploads = world.boxes.map(({ box }) => box.run(uploading.signal));
  const people = world.boxes.map((one) => letPass(one, Math.max(runtime.pause, one.pause ?? 0), passing.signal));
  const troubles = { ...runtime.troubles, ...world.troubles };
  const { calm } = runtime;
  const trouble = makeTrouble(troubles, { calm, random: seededFor(seed, "troubles"), signal: over.signal });
  await systemClock.sleep(seconds * 1000, over.signal);
  over.abort();
  const counts = await trouble;
  passing.abort();
  await Promise.all(people);
  const account = await settled({ runtime, world, ledger, album });
  uploading.abort();
  await Promise.all(uploads);
  return { account, counts: { ...counts, ...runtime.notes() } };
}

async function letPass({ box, site }: World["boxes"][number], pause: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    box.passes(site.next());
    await systemClock.sleep(pause, signal);
  }
}

interface Settling {
  runtime: Runtime;
  world: World;
  ledger: Ledger;
  album: Album;
}

/** The account once nothing waits, or once nothing has moved for a long time. */
async function settled({ runtime, world, ledger, album }: Settling): Promise<Account> {
  const outages = new Map(world.boxes.map(({ name, through }) => [name, through]));
  const stateAt = ({ box, at }: Passing) =>
    outages.get(box)?.cover(at) ? "down" : runtime.delays.cover(at) ? "slow" : "up";
  const never = new AbortController().signal;
  const look = async () => {
    const [held, heard] = [await runtime.held(), runtime.heard()];
    return accountOf(ledger, { events: await runtime.client().events(), held, heard, album, stateAt });
  };
  for (let [last, since] = ["", systemClock.now()]; ; ) {
    await systemClock.sleep(1000, never);
    const waiting = await waitingIn(world);
    const isStuck = systemClock.now() - since > stuckMs;
    // A page that did not come in time is worth another try, unless nothing moves any more.
    const account =
      waiting === 0 || isStuck ? await look().catch((error) => (isStuck ? Promise.reject(error) : null)) : null;
    if (account !== null && (isStuck || isOver(account))) return account;
    const standing = JSON.stringify([waiting, account?.history, account?.actions, account?.terminals]);
    if (standing !== last) [last, since] = [standing, systemClock.now()];
  }
}

/** Reports that wait in boxes and in the bridge; null if the bridge does not answer. */
async function waitingIn(world: World): Promise<number | null> {
  const spooled = await world.spooled().catch(() => null);
  return spooled === null ? null : world.boxes.reduce((sum, { box }) => sum + box.waiting, spooled);
}

/** Whether nothing waits any more. Other faults do not mend. */
function isOver({ history, actions, terminals }: Account): boolean {
  const left = history.waiting + history.lost + actions.lost + actions.pending;
  return left + terminals.waiting + terminals.lost === 0;
}
