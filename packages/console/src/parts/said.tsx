import { type Failure, sayingOf } from "../state/failure.ts";

/** Why something failed, in one sentence. */
export function Said({ of }: { of: Failure }) {
  return <bdi>{sayingOf(of)}</bdi>;
}
