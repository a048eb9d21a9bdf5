import { signal } from "@preact/signals";
import { Dialog } from "../parts/dialog.tsx";
import { preferences } from "../state/preferences.ts";
import { openPages } from "../state/role.ts";
import { words } from "../words/index.ts";
import { keyOfPage } from "./pages.tsx";

export const isHelpOpen = signal(false);

/** The keys of the keyboard, by `?`. */
export function Help() {
  if (!isHelpOpen.value) return null;
  const { keyboard: w, pages } = words.value;
  const toPages = openPages.value.map((name) => [`g ${keyOfPage(name)}`, pages[name]] as const);
  return (
    <Dialog
      title={w.title}
      onClose={() => {
        isHelpOpen.value = false;
      }}
    >
      {preferences.value.hasKeys ? null : <p>{w.off}</p>}
      <dl class="keys">
        {[...w.list, ...toPages].map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
