import { useRef } from "preact/hooks";

/** Lets something be done, and not once more before that has ended: a double click makes no second key. */
export function useOnce<Given extends unknown[]>(
  act: (...given: Given) => Promise<unknown>,
): (...given: Given) => Promise<void> {
  const isBusy = useRef(false);
  return async (...given) => {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      await act(...given);
    } finally {
      isBusy.current = false;
    }
  };
}
