import { loadedPage } from "./pages.tsx";
import { Unloaded } from "./unloaded.tsx";

/** The screen in a frame of another program's page, without a way to any other page. */
export function ScreenAlone() {
  const Shown = loadedPage("screen");
  if (Shown === null) return null;
  return <main>{Shown === "failed" ? <Unloaded page="screen" /> : <Shown />}</main>;
}
