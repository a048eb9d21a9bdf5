import type { FaceEvent } from "@gatepost/protocol";
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

/** ms for all to be delivered and announced at the end: an action that was left behind is swept after a minute, and held for one by a sweep that fails. */
const drainTimeoutMs = 180_000;

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
  const people = world.boxes.map((one) => letPass(one, runtime.pause, passing.signal));
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

/** The account once it balances, or when the patience is over. */
async function settled({ runtime, world, ledger, album }: Settling): Promise<Account> {
  const outages = new Map(world.boxes.map(({ name, through }) => [name, through]));
  const stateAt = ({ box, at }: Passing) =>
    outages.get(box)?.cover(at) ? "down" : runtime.delays.cover(at) ? "slow" : "up";
  const deadline = systemClock.now() + drainTimeoutMs;
  const never = new AbortController().signal;
  for (;;) {
    await systemClock.sleep(1000, never);
    const isQuiet = world.boxes.every(({ box }) => box.waiting === 0) && (await world.spooled()) === 0;
    const isLate = systemClock.now() > deadline;
    const events = isQuiet || isLate ? await listed(runtime, { isLate }) : null;
    if (events === null) continue;
    const [held, heard] = [await runtime.held(), runtime.heard()];
    const account = accountOf(ledger, { events, held, heard, album, stateAt });
    const { history, actions } = account;
    // What else is wrong does not mend.
    if (isLate || history.lost + actions.lost + actions.pending === 0) return account;
  }
}

/** All events; null where a page did not come in time, which is worth another try unless it is late. */
async function listed(runtime: Runtime, { isLate }: { isLate: boolean }): Promise<FaceEvent[] | null> {
  try {
    return await runtime.client().events();
  } catch (error) {
    if (isLate) throw error;
    return null;
  }
}
