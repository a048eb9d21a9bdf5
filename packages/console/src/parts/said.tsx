import { type Failure, sayingOf } from "../state/failure.ts";

/** Why something failed, in one sentence. What the server says of it is English alone. */
export function Said({ of }: { of: Failure }) {
  return <bdi lang={of.status === 0 ? undefined : "en"}>{sayingOf(of)}</bdi>;
}
