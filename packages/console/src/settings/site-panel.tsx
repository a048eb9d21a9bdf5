import type { Box } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Confirm, FormDialog } from "../parts/dialog.tsx";
import { Check, Field } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Table } from "../parts/table.tsx";
import { setUndoably } from "../state/failure.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { defaultSite, type Site, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { labels } from "../words/labels.ts";
import { settingsWords } from "../words/settings.ts";
import { BoxRows } from "./box-rows.tsx";

interface SitePanelProps {
  of: Site;
  boxes: readonly Box[];
  sites: readonly Site[];
  /** Whether it is open at first. */
  isFirst: boolean;
  /** Whether the address asks for its devices: all of them are open at first. */
  isAsked: boolean;
  onChanged(): void;
  onBoxChanged(box: Box): void;
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
            aria-label={`${isOpen.value ? w.close : words.value.open}: ${name}`}
            onClick={() => (isOpen.value = !isOpen.value)}
          >
            <Icon name={isOpen.value ? "up" : "down"} />
            {isOpen.value ? w.close : words.value.open}
          </Button>
        </span>
      </header>
      {isOpen.value && boxes.length === 0 ? (
        <p class="body quiet">{site.id === defaultSite ? w.allNamed : w.noBoxes}</p>
      ) : null}
      {isOpen.value && boxes.length > 0 ? (
        <>
          <Shares of={site} onChanged={onChanged} />
          <Table
            label={name}
            heads={[w.boxAndDevice, w.displayName, w.direction, words.value.filters.site]}
            hidden={w.devices(2)}
          >
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

interface EditSiteProps {
  of: Site;
  hasBoxes: boolean;
  onChanged(): void;
}

/** Name, place, zone, work week and holidays of a site; and its removal, which a site with boxes refuses. */
function EditSite({ of: site, hasBoxes, onChanged }: EditSiteProps) {
  const { site: w } = settingsWords.value;
  const isOpen = useSignal(false);
  return (
    <>
      <Button look="small" aria-label={`${w.edit}: ${siteNameOf(site)}`} onClick={() => (isOpen.value = true)}>
        {w.edit}
      </Button>
      {isOpen.value ? (
        <Form of={site} hasBoxes={hasBoxes} onChanged={onChanged} onClose={() => (isOpen.value = false)} />
      ) : null}
    </>
  );
}

function Form({ of: site, hasBoxes, onChanged, onClose }: EditSiteProps & { onClose(): void }) {
  const { site: w } = settingsWords.value;
  const { id } = site;
  const name = useSignal(siteNameOf(site));
  const place = useSignal(site.place ?? "");
  const zone = useSignal(site.zone);
  const week = useSignal<readonly number[]>(site.workWeek);
  const holidays = useSignal(site.holidays.join(", "));
  const save = async () => {
    const body = {
      name: name.value.trim(),
      place: place.value.trim() || null,
      zone: zone.value.trim(),
      workWeek: week.value,
      holidays: datesIn(holidays.value),
    };
    await gatepost().ask("PUT /v1/sites/{id}", { path: { id }, body });
    say(w.saved(body.name));
    onChanged();
  };
  const remove = async () => {
    await gatepost().send("DELETE /v1/sites/{id}", { path: { id } });
    say(w.removed(name.value));
    onClose();
    onChanged();
  };
  return (
    <FormDialog title={<bdi>{w.editTitle(siteNameOf(site))}</bdi>} onSend={save} onClose={onClose}>
      <Field label={labels.value.name} member="name" of={name} required maxLength={64} />
      <Field label={labels.value.place} member="place" of={place} maxLength={200} />
      <Field
        label={labels.value.zone}
        member="zone"
        of={zone}
        look="mono"
        required
        maxLength={64}
        placeholder="Asia/Shanghai"
      />
      <fieldset class="line weekdays">
        <legend>{w.workWeek}</legend>
        {w.weekdays.map((word, at) => (
          <Check
            key={word}
            label={word}
            isOn={week.value.includes(at + 1)}
            onChange={(isOn) => (week.value = withDay(week.value, at + 1, isOn))}
          />
        ))}
      </fieldset>
      <Field label={w.holidays} member="holidays" of={holidays} look="mono" />
      {id === defaultSite ? null : hasBoxes ? (
        <p class="meta">{w.hasBoxes}</p>
      ) : (
        <span>
          <Confirm
            label={w.remove}
            look="small risk"
            title={<bdi>{words.value.rules.removeTitle(siteNameOf(site))}</bdi>}
            why={w.removeWhy}
            onConfirm={remove}
          />
        </span>
      )}
    </FormDialog>
  );
}

const withDay = (week: readonly number[], day: number, isOn: boolean) =>
  [...week.filter((one) => one !== day), ...(isOn ? [day] : [])].toSorted((a, b) => a - b);

const datesIn = (text: string) => text.split(/[\s,，、]+/).filter((date) => date !== "");
