import { page } from "../state/route.ts";
import { session } from "../state/session.ts";
import { loadedPage } from "./pages.tsx";
import { Unloaded } from "./unloaded.tsx";

/** The page in front of the console: for signing in, an invitation or the setup. The address stays for afterwards. */
export function Door() {
  const isSetup = page.value === "setup" && session.value !== null;
  const name = page.value === "invite" || isSetup ? page.value : "sign-in";
  const Shown = loadedPage(name);
  if (Shown === null) return null;
  if (Shown !== "failed") return <Shown />;
  return (
    <main class="center">
      <Unloaded page={name} />
    </main>
  );
}
