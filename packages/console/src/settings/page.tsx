import type { ComponentType } from "preact";
import { Choice } from "../parts/field.tsx";
import { Head } from "../parts/head.tsx";
import { addressOf, type Section } from "../state/address.ts";
import { openSections } from "../state/role.ts";
import { address, go } from "../state/route.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { About } from "./about.tsx";
import { Alarms } from "./alarms.tsx";
import { ErasePerson } from "./erase-person.tsx";
import { Here } from "./here.tsx";
import { Keys } from "./keys.tsx";
import { Log } from "./log.tsx";
import { People } from "./people.tsx";
import { Retention } from "./retention.tsx";
import { Sites } from "./sites.tsx";
import { Taught } from "./taught.tsx";
import { You } from "./you.tsx";

const parts: Partial<Record<Section, ComponentType>> = {
  you: You,
  browser: Here,
  people: People,
  sites: Sites,
  keys: Keys,
  alarms: Alarms,
  retention: Retention,
  erase: ErasePerson,
  taught: Taught,
  log: Log,
  about: About,
};

/** The settings: one section at a time, each with an address. */
export function SettingsPage() {
  const { pages } = words.value;
  const { own, forEverybody, last } = openSections.value;
  const open = [...own, ...forEverybody, ...last];
  const shown = open.find((name) => name === address.value.id) ?? own[0] ?? "about";
  const Shown = parts[shown];
  return (
    <>
      <Head title={pages.settings} />
      <div class="sets">
        <nav aria-label={pages.settings}>
          <SectionChoice names={open} shown={shown} />
          <Links names={own} shown={shown} />
          {forEverybody.length > 0 ? (
            <>
              <span class="meta">{settingsWords.value.forEverybody}</span>
              <Links names={forEverybody} shown={shown} />
            </>
          ) : null}
          <Links names={last} shown={shown} />
        </nav>
        <div class="stack">{Shown === undefined ? null : <Shown />}</div>
      </div>
    </>
  );
}

/** On a phone, in place of the links: it says that there are others, and takes one line. */
function SectionChoice({ names, shown }: { names: readonly Section[]; shown: Section }) {
  const { sections, section } = settingsWords.value;
  const choices = names.map((name) => [name, sections[name]] as const);
  return (
    <div class="phone">
      <Choice label={section} choices={choices} chosen={shown} onChoose={(name) => go("settings", name)} />
    </div>
  );
}

function Links({ names, shown }: { names: readonly Section[]; shown: Section }) {
  const { sections } = settingsWords.value;
  return (
    <>
      {names.map((name) => (
        <a
          key={name}
          class="desk"
          href={addressOf("settings", name)}
          aria-current={name === shown ? "true" : undefined}
        >
          {sections[name]}
        </a>
      ))}
    </>
  );
}
