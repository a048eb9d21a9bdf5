import { Notice } from "./shell/notice.tsx";
import { Shell } from "./shell/shell.tsx";
import { SignIn } from "./shell/sign-in.tsx";
import { session } from "./state/session.ts";

export function App() {
  return (
    <>
      {session.value === null ? <SignIn /> : <Shell />}
      <Notice />
    </>
  );
}
