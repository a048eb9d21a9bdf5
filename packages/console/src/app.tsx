import { useEffect } from "preact/hooks";
import { Frame } from "./parts/logo.tsx";
import { Door } from "./shell/door.tsx";
import { Notice } from "./shell/notice.tsx";
import { KeptRoll, LinkedRoll } from "./shell/rolls-alone.tsx";
import { ScreenAlone } from "./shell/screen-alone.tsx";
import { Shell } from "./shell/shell.tsx";
import { isFramable } from "./state/home.ts";
import { keptRollOfUser } from "./state/kept-rolls.ts";
import { rollLink } from "./state/roll-link.ts";
import { address, goInstead, page } from "./state/route.ts";
import { isAsking, isAway, session } from "./state/session.ts";

export function App() {
  if (isFramable()) return <ScreenAlone />;
  return <Console />;
}

function Console() {
  const isOutside = session.value === null || page.value === "invite" || page.value === "setup";
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
  const { id } = address.value;
  const kept = session.value === null && isAway.value && page.value !== "invite" ? keptRollOfUser(id) : null;
  if (kept !== null) {
    return (
      <>
        <KeptRoll id={kept} />
        <Notice />
      </>
    );
  }
  return (
    <>
      {isAsking.value || isBack ? <Frame /> : isOutside ? <Door /> : <Shell />}
      <Notice />
    </>
  );
}
