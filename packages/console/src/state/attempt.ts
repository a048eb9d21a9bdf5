import { type Failure, failureOf, sayingOf } from "./failure.ts";
import { say } from "./notice.ts";

/**
 * Does what somebody asked for, and says at the foot of the page why it could not be done. Resolves with what it came
 * to, or null.
 *
 * @param wordsOf what is said of a failure; the server's own sentence where it is not given
 */
export async function attempt<Result>(
  act: () => Promise<Result>,
  wordsOf: (failure: Failure) => string = sayingOf,
): Promise<Result | null> {
  try {
    return await act();
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== null) say(wordsOf(failure));
    return null;
  }
}
