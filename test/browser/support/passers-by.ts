import { Album, Fleet, type FleetBox, systemClock } from "@gatepost/simulator";

/** People of the simulator who go by some boxes. */
export interface PassersBy {
  /** Lets people pass for some ms, at some a second, and waits until all is delivered. */
  pass(ms: number, perSecond: number): Promise<void>;
  /** Lets a stranger pass who must be registered, and waits until that is delivered. */
  strangerPasses(): Promise<void>;
}

/**
 * @param scale of the pictures' width and height
 * @param looks faces that there are
 */
export async function passersBy(
  boxes: readonly FleetBox[],
  { seed = 4, scale = 0.5, looks = 24 }: { seed?: number; scale?: number; looks?: number } = {},
): Promise<PassersBy> {
  const album = await Album.draw(seed, { looks, scale });
  let turns = 0;
  const run = async (rate: number, ms: number, begin: (fleet: Fleet) => void = () => {}) => {
    const fleet = await Fleet.open({
      seed: seed + turns++,
      boxes,
      rate,
      album,
      clock: systemClock,
      version: "V2R4",
      encoding: "json",
      inBatches: false,
      faults: {},
      watch() {},
    });
    const uploading = new AbortController();
    begin(fleet);
    const running = fleet.run({ passing: AbortSignal.timeout(ms), uploading: uploading.signal });
    await systemClock.sleep(ms, uploading.signal);
    while (fleet.waiting > 0) await systemClock.sleep(20, uploading.signal);
    uploading.abort();
    await running;
    await fleet.close();
  };
  return {
    pass: (ms, perSecond) => run(perSecond, ms),
    strangerPasses: () => run(0, 50, (fleet) => fleet.stranger()),
  };
}
