import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const afterMs = 200;

/** Whether something is awaited for so long that it is to be shown: what is there within 200 ms never flickers. */
export function useLate(): boolean {
  const isLate = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      isLate.value = true;
    }, afterMs);
    return () => clearTimeout(timer);
  }, []);
  return isLate.value;
}
