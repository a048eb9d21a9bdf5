import type { BoxHealth } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Check } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Table } from "../parts/table.tsx";
import { setUndoably } from "../state/failure.ts";
import { gatepost } from "../state/session.ts";
import { defaultSite, type Site, siteNameOf } from "../state/sites.ts";
import { settingsWords } from "../words/settings.ts";
import { BoxRows } from "./box-rows.tsx";
import { EditSite } from "./edit-site.tsx";

interface SitePanelProps {
  of: Site;
  boxes: readonly BoxHealth[];
  sites: readonly Site[];
  /** Whether it is open at first. */
  isFirst: boolean;
  /** Whether the address asks for its devices: all of them are open at first. */
  isAsked: boolean;
  onChanged(): void;
  onBoxChanged(box: BoxHealth): void;
}

/** One site: its facts, whether its boxes share their people, and its boxes. */
export function SitePanel({ of: site, boxes, sites, isFirst, isAsked, onChanged, onBoxChanged }: SitePanelProps) {
  const { site: w } = settingsWords.value;
  const isOpen = useSignal(isFirst);
  const name = siteNameOf(site);
  const devices = boxes.reduce((sum, box) => sum + box.devices.length, 0);
  const facts = [w.counted(boxes.length, devices), site.place, site.zone].filter(Boolean).join(" · ");
  const id = `site-${site.id}`;
  const section = useRef<HTMLElement>(null);
  useEffect(() => (isAsked ? section.current?.scrollIntoView() : undefined), []);
  return (
    <section ref={section} class="panel sites" aria-labelledby={id}>
      <header>
        <h2 id={id}>
          <bdi>{name}</bdi>
        </h2>
        <bdi class="meta">{facts}</bdi>
        <span class="end line">
          <EditSite of={site} hasBoxes={boxes.length > 0} onChanged={onChanged} />
          <Button
            look="small bare"
            aria-expanded={isOpen.value}
            aria-label={`${isOpen.value ? w.close : w.open}: ${name}`}
            onClick={() => (isOpen.value = !isOpen.value)}
          >
            <Icon name={isOpen.value ? "up" : "down"} />
            {isOpen.value ? w.close : w.open}
          </Button>
        </span>
      </header>
      {isOpen.value && boxes.length === 0 ? (
        <p class="body quiet">{site.id === defaultSite ? w.allNamed : w.noBoxes}</p>
      ) : null}
      {isOpen.value && boxes.length > 0 ? (
        <>
          <Shares of={site} onChanged={onChanged} />
          <Table label={name} heads={[w.boxAndDevice, w.displayName, w.direction, w.site]} hidden={w.devices(2)}>
            {boxes.map((box) => (
              <BoxRows key={box.id} of={box} isOpenFirst={isAsked} sites={sites} onChanged={onBoxChanged} />
            ))}
          </Table>
        </>
      ) : null}
    </section>
  );
}

function Shares({ of: site, onChanged }: { of: Site; onChanged(): void }) {
  const { site: w } = settingsWords.value;
  const { id, sharesPeople } = site;
  const name = siteNameOf(site);
  const set = async (isShared: boolean) => {
    await gatepost().ask("PUT /v1/sites/{id}", { path: { id }, body: { sharesPeople: isShared } });
    onChanged();
  };
  const change = (next: boolean) =>
    setUndoably(set, { next, before: !next, said: next ? w.shared(name) : w.notShared(name) });
  return (
    <div class="invite">
      <Check label={w.shares} isOn={sharesPeople} onChange={(isOn) => void change(isOn)} />
    </div>
  );
}
