import { KindChoices } from "../parts/facets.tsx";
import { Choice } from "../parts/field.tsx";
import { Opener } from "../parts/popover.tsx";
import { isSoundBlocked, isSoundOn } from "../state/live/sound.ts";
import { useLoading } from "../state/loading.ts";
import { query, setQuery } from "../state/route.ts";
import { listSites, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { SoundChoices } from "./sound-choice.tsx";

/** The filters of the live page that a phone offers. */
const filters = ["site", "type"] as const;

/** The sound and the filters of a phone, behind one button that shows how many filters are set. */
export function PhoneChoices() {
  const { live: w } = words.value;
  const set = filters.filter((name) => (query.value[name] ?? []).length > 0).length;
  return (
    <Opener
      label={[w.soundAndFilters, set > 0 ? set : null, isSoundBlocked.value ? w.soundAfterClick : null]
        .filter(Boolean)
        .join(" · ")}
      icon={isSoundOn.value ? "sound" : "mute"}
      look={set > 0 ? "on" : isSoundOn.value ? "icon on" : "icon"}
      text={set === 0 ? undefined : set}
    >
      {() => (
        <>
          <SoundChoices />
          <Filters />
        </>
      )}
    </Opener>
  );
}

function Filters() {
  const { filters: w } = words.value;
  const { state } = useLoading("sites", listSites);
  const sites = state.value.value ?? [];
  const [site = ""] = query.value["site"] ?? [];
  return (
    <div class="gap">
      {sites.length < 2 && site === "" ? null : (
        <Choice
          label={w.site}
          chosen={site}
          choices={[["", words.value.live.allSites], ...sites.map((one) => [one.id, siteNameOf(one)] as const)]}
          onChoose={(id) => setQuery({ site: id === "" ? null : id })}
        />
      )}
      <fieldset class="gap">
        <legend>{w.kind}</legend>
        <KindChoices />
      </fieldset>
    </div>
  );
}
