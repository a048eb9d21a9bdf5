import { entryOf, within, words } from "../words/index.ts";
import { dayMs } from "./durations.ts";

/** The part of a flag before its colon, and the part after it. */
function partsOf(flag: string): [name: string, about: string] {
  const colon = flag.indexOf(":");
  return colon < 0 ? [flag, ""] : [flag.slice(0, colon), flag.slice(colon + 1)];
}

/** Flags of faults. A picture that was kept for less time than its event is none. */
export const faultFlags = (flags: readonly string[]) => flags.filter((flag) => partsOf(flag)[0] !== "picture-expired");

/** A flag in two or three words, for a row; one that this page does not know as it is. */
export const shortFlag = (flag: string) => entryOf(words.value.filters.flags, partsOf(flag)[0]) ?? flag;

/**
 * A flag as a sentence.
 *
 * @param aheadMs by how much the box's clock is ahead, if that is known
 */
export function flagSentence(flag: string, aheadMs = 0): string {
  const { flags, flagsOf, flagsOfPictures, clockAhead, otherFlag } = words.value;
  if (flag === "clock" && aheadMs > dayMs) return clockAhead;
  const [name, about] = partsOf(flag);
  const { registered, face, scene, infrared } = words.value.pictures;
  const picture = entryOf({ registered, face, scene, infrared }, about);
  const ofPicture = picture && entryOf(flagsOfPictures, name)?.replace("{}", within(picture));
  const ofField = entryOf(flagsOf, name)?.replace("{}", () => about);
  return entryOf(flags, flag) ?? ofPicture ?? ofField ?? otherFlag.replace("{}", () => flag);
}
