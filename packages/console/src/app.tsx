import { useEffect } from "preact/hooks";
import { Door } from "./shell/door.tsx";
import { Notice } from "./shell/notice.tsx";
import { Shell } from "./shell/shell.tsx";
import { LinkedRoll } from "./shell/warden.tsx";
import { rollLink } from "./state/roll-link.ts";
import { goInstead, page } from "./state/route.ts";
import { isAsking, session } from "./state/session.ts";

export function App() {
  const isOutside = session.value === null || page.value === "invite";
  const isBack = !isOutside && page.value === "sign-in";
  useEffect(() => {
    if (isBack) goInstead("live");
  }, [isBack]);
  if (rollLink.value !== null) {
    return (
      <>
        <LinkedRoll token={rollLink.value} />
        <Notice />
      </>
    );
  }
  return (
    <>
      {isAsking.value || isBack ? null : isOutside ? <Door /> : <Shell />}
      <Notice />
    </>
  );
}
