import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Check } from "../parts/field.tsx";
import { Opener } from "../parts/popover.tsx";
import { type Site, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";

/** The sites and boxes that an account or a key is limited to; null: not by these. */
export interface Sight {
  sites: readonly string[] | null;
  boxes: readonly string[] | null;
}

/** The sites and boxes by their names, in one line. */
export function sightWords({ sites, boxes }: Sight, known: readonly Site[]): string {
  const names = [
    ...(sites ?? []).map((id) => siteNameOf(known.find((site) => site.id === id) ?? { id, name: id })),
    ...(boxes ?? []),
  ];
  if (names.length === 0) return settingsWords.value.everything;
  return names.join(words.value.code === "zh-CN" ? "、" : ", ");
}

interface SeesProps {
  label: string;
  of: Sight;
  sites: readonly Site[];
  disabled: boolean;
  title?: string | undefined;
  onChange(sight: Sight): void;
}

/** A button with what an account sees, which opens a choice of sites. */
export function Sees({ label, of, sites, disabled, title, onChange }: SeesProps) {
  const seen = sightWords(of, sites);
  return (
    <Opener label={`${label}: ${seen}`} text={<bdi>{seen}</bdi>} icon="down" disabled={disabled} title={title}>
      {(close) => (
        <Choice
          of={of}
          sites={sites}
          onChoose={(sight) => {
            close();
            onChange(sight);
          }}
        />
      )}
    </Opener>
  );
}

function Choice({ of, sites, onChoose }: Pick<SeesProps, "of" | "sites"> & { onChoose(sight: Sight): void }) {
  const w = settingsWords.value;
  const chosen = useSignal<readonly string[]>(of.sites ?? []);
  const toggle = (id: string) => {
    chosen.value = chosen.value.includes(id) ? chosen.value.filter((one) => one !== id) : [...chosen.value, id];
  };
  return (
    <>
      <Button look="bare" onClick={() => onChoose({ sites: null, boxes: null })}>
        {w.everything}
      </Button>
      {sites.length === 0 ? <p class="meta">{w.noSites}</p> : null}
      {sites.map(({ id, name }) => (
        <Check
          key={id}
          label={<bdi>{siteNameOf({ id, name })}</bdi>}
          isOn={chosen.value.includes(id)}
          onChange={() => toggle(id)}
        />
      ))}
      {sites.length === 0 ? null : (
        <Button
          look="main"
          disabled={chosen.value.length === 0}
          onClick={() => onChoose({ sites: chosen.value, boxes: of.boxes })}
        >
          {words.value.filters.apply}
        </Button>
      )}
    </>
  );
}
