import { Album, seededFor, systemClock } from "@gatepost/simulator";
import { Client } from "../support/client.ts";
import { type Account, accountOf, Ledger } from "./account.ts";
import { makeTrouble } from "./troubles.ts";
import { openWorld, type World } from "./world.ts";

export interface Soaked {
  account: Account;
  /** How often each trouble happened. */
  troubles: Record<string, number>;
}

/** ms between two people who go by one box: more than the tolerance of times. */
const pause = 250;
/** ms for all to be delivered and announced at the end: an action that a kill left behind is swept after a minute. */
const patience = 120_000;

/** Lets boxes of all kinds run against a server and a bridge while both, disk and subscriber fail at random. */
export async function soak({ seconds, seed }: { seconds: number; seed: number }): Promise<Soaked> {
  const ledger = new Ledger();
  const world = await openWorld(seed, ledger.watch);
  try {
    const [passing, uploading] = [new AbortController(), new AbortController()];
    const uploads = world.boxes.map(({ box }) => box.run(uploading.signal));
    const people = world.boxes.map((one) => letPass(one, passing.signal));
    const trouble = makeTrouble(world, seededFor(seed, "troubles"), passing.signal);
    await systemClock.sleep(seconds * 1000, passing.signal);
    passing.abort();
    const troubles = await trouble;
    await Promise.all(people);
    const account = await settled(world, ledger, seed);
    uploading.abort();
    await Promise.all(uploads);
    return { account, troubles };
  } finally {
    await world.close();
  }
}

async function letPass({ box, site }: World["boxes"][number], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    box.passes(site.next());
    await systemClock.sleep(pause, signal);
  }
}

/** The account once it balances, or when the patience is over. */
async function settled(world: World, ledger: Ledger, seed: number): Promise<Account> {
  const album = await Album.draw(seed, { looks: 2, scale: 0.25 });
  const deadline = systemClock.now() + patience;
  const never = new AbortController().signal;
  for (;;) {
    await systemClock.sleep(1000, never);
    const isQuiet = world.boxes.every(({ box }) => box.waiting === 0) && (await world.spooled()) === 0;
    const events = await new Client(world.server.running).events();
    const account = accountOf(ledger, { ...world, events, album });
    const isWhole = account.history.lost === 0 && account.actions.lost === 0;
    if ((isQuiet && isWhole) || systemClock.now() > deadline) return account;
  }
}
