import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Failed } from "../parts/failed.tsx";
import type { PageName } from "../state/address.ts";
import { load } from "./pages.tsx";

const retryMs = 5000;

/** A page whose script did not come. It is asked for again while it waits, and at once when the connection is back. */
export function Unloaded({ page }: { page: PageName }) {
  const retryAt = useSignal(Date.now() + retryMs);
  useEffect(() => {
    const retry = () => {
      retryAt.value = Date.now() + retryMs;
      void load(page);
    };
    const timer = setInterval(retry, retryMs);
    addEventListener("online", retry);
    return () => {
      clearInterval(timer);
      removeEventListener("online", retry);
    };
  }, [page]);
  return (
    <Failed
      failure={{ status: 0, detail: "", asked: "", retryAfter: null }}
      retryAt={retryAt.value}
      onRetry={() => void load(page)}
    />
  );
}
