import { useSignal } from "@preact/signals";
import { Mark } from "../parts/mark.tsx";
import { here } from "../state/clock.ts";
import { type Failure, failureOf, failureText } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { signInWords } from "../words/sign-in.ts";

/** Sends what a person signs in with. After failures the next try has to wait some seconds. */
export function useTries(act: () => Promise<unknown>) {
  const fault = useSignal<Failure | null>(null);
  /** When the next try is possible, ms since 1970. */
  const nextAt = useSignal(0);
  const send = useOnce(async () => {
    fault.value = null;
    try {
      await act();
    } catch (error) {
      fault.value = failureOf(error);
      const wait = fault.value?.retryAfter ?? null;
      nextAt.value = wait === null ? 0 : Date.now() + wait * 1000;
    }
  });
  return { fault, seconds: Math.ceil((nextAt.value - here.value) / 1000), send };
}

interface TryFaultProps {
  id: string;
  of: Failure | null;
  /** The sentences of statuses of which the server says less, or more than all may know. */
  wrong: Readonly<Record<number, string>>;
  seconds: number;
}

/** Why a try did not sign in. */
export function TryFault({ id, of: fault, wrong, seconds }: TryFaultProps) {
  if (fault === null) return null;
  return (
    <span id={id} class="state bad wraps" role="alert">
      <Mark name="bad" />
      <span>
        <bdi>{wrong[fault.status] ?? failureText(fault)}</bdi>{" "}
        <span aria-live="off">{seconds > 0 ? signInWords.value.waits(seconds) : null}</span>
      </span>
    </span>
  );
}
