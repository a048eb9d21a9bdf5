import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { isReplaced } from "../parts/later.tsx";
import { Blank, Failed } from "../parts/loaded.tsx";
import type { PageName } from "../state/address.ts";
import { words } from "../words/index.ts";
import { load } from "./pages.tsx";

const retryMs = 5000;

/**
 * A page whose script was not loaded. It is requested again while the page waits, and at once when the connection is
 * back. The script of an upgraded console does not exist any more: then the whole page must be loaded again.
 */
export function Unloaded({ page }: { page: PageName }) {
  const retryAt = useSignal(Date.now() + retryMs);
  const isOld = useSignal(false);
  useEffect(() => {
    const retry = () => {
      retryAt.value = Date.now() + retryMs;
      void load(page);
      void look();
    };
    const look = async () => {
      isOld.value = await isReplaced();
    };
    void look();
    const timer = setInterval(retry, retryMs);
    addEventListener("online", retry);
    return () => {
      clearInterval(timer);
      removeEventListener("online", retry);
    };
  }, [page]);
  if (isOld.value) return <Replaced />;
  return (
    <Failed
      failure={{ status: 0, detail: "", asked: "", retryAfter: null }}
      retryAt={retryAt.value}
      onRetry={() => void load(page)}
    />
  );
}

/** The user may have a form that is not saved, so nothing is loaded by itself. */
function Replaced() {
  const { failure: w } = words.value;
  return (
    <div role="alert">
      <Blank icon="replay" title={w.replaced} why={w.replacedWhy}>
        <Button look="main" icon="replay" onClick={() => location.reload()}>
          {w.reload}
        </Button>
      </Blank>
    </div>
  );
}
