import { page } from "../state/route.ts";
import { pageOf } from "./pages.tsx";
import { Unloaded } from "./unloaded.tsx";

/** The page of a visitor who is not signed in: for signing in, or an invitation. The address stays for afterwards. */
export function Door() {
  const name = page.value === "invite" ? "invite" : "sign-in";
  const Shown = pageOf(name);
  if (Shown === null) return null;
  if (Shown !== "failed") return <Shown />;
  return (
    <main class="center">
      <Unloaded page={name} />
    </main>
  );
}
