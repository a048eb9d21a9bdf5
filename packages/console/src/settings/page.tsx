import { Head } from "../parts/head.tsx";
import { isAdmin } from "../state/session.ts";
import { words } from "../words/index.ts";
import { About } from "./about.tsx";
import { ErasePerson } from "./erase-person.tsx";
import { Here } from "./here.tsx";
import { Keys } from "./keys.tsx";
import { RetentionFacts } from "./retention.tsx";

/** A read key sees only this browser and what this is. */
export function SettingsPage() {
  const { settings: w, pages } = words.value;
  const parts = [
    ...(isAdmin.value
      ? ([
          ["keys", w.keys],
          ["keep", w.retention],
          ["erase", w.erase],
        ] as const)
      : []),
    ["here", w.here],
    ["about", w.about],
  ] as const;
  return (
    <>
      <Head title={pages.settings} />
      <div class="sets">
        <nav aria-label={pages.settings}>
          {parts.map(([id, name]) => (
            <button
              key={id}
              type="button"
              class="link-line"
              onClick={() => document.getElementById(id)?.scrollIntoView()}
            >
              {name}
            </button>
          ))}
        </nav>
        <div class="stack">
          {isAdmin.value ? (
            <>
              <Keys />
              <RetentionFacts />
              <ErasePerson />
            </>
          ) : null}
          <Here />
          <About />
        </div>
      </div>
    </>
  );
}
