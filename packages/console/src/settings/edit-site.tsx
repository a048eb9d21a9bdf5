import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Confirm, FormDialog } from "../parts/dialog.tsx";
import { Check, Field } from "../parts/field.tsx";
import { attempt } from "../state/failure.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { defaultSite, type Site, siteNameOf } from "../state/sites.ts";
import { labels } from "../words/labels.ts";
import { settingsWords } from "../words/settings.ts";

interface EditSiteProps {
  of: Site;
  hasBoxes: boolean;
  onChanged(): void;
}

/** Name, place, zone, work week and holidays of a site; and its removal, which a site with boxes refuses. */
export function EditSite({ of: site, hasBoxes, onChanged }: EditSiteProps) {
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
  const remove = () =>
    attempt(async () => {
      await gatepost().send("DELETE /v1/sites/{id}", { path: { id } });
      say(w.removed(name.value));
      onClose();
      onChanged();
    });
  return (
    <FormDialog title={<bdi>{w.editTitle(siteNameOf(site))}</bdi>} does={w.save} onSend={save} onClose={onClose}>
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
            title={<bdi>{w.removeTitle(siteNameOf(site))}</bdi>}
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
