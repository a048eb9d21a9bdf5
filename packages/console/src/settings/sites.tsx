import type { Box } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { listBoxes } from "../state/boxes/list-boxes.ts";
import { useLoading } from "../state/loading.ts";
import { parameter } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { defaultSite, listAllSites, type Site } from "../state/sites.ts";
import { labels } from "../words/labels.ts";
import { settingsWords } from "../words/settings.ts";
import { SitePanel } from "./site-panel.tsx";

interface Listed {
  sites: readonly Site[];
  boxes: readonly Box[];
}

/** The sites with their boxes and devices, whose names, sites and directions are set in place. */
export function Sites() {
  const loading = useLoading<Listed>("sites and boxes", async (signal) => {
    const [sites, { boxes }] = await Promise.all([listAllSites(signal), listBoxes(signal)]);
    return { sites, boxes };
  });
  const changeBox = (changed: Box) => {
    const listed = loading.state.peek().value;
    if (listed === null) return;
    loading.set({ ...listed, boxes: listed.boxes.map((box) => (box.id === changed.id ? changed : box)) });
    // The numbers of the sites.
    loading.reload();
  };
  return (
    <Loaded of={loading}>{(listed) => <All {...listed} onChanged={loading.reload} onBoxChanged={changeBox} />}</Loaded>
  );
}

interface AllProps extends Listed {
  onChanged(): void;
  onBoxChanged(box: Box): void;
}

function All({ sites, boxes, onChanged, onBoxChanged }: AllProps) {
  const { sections } = settingsWords.value;
  const asked = parameter("site");
  // The first with boxes is open, as one is looked for most often.
  const first = asked ?? sites.find((site) => boxesOf(site, boxes).length > 0)?.id;
  return (
    <>
      <div class="line">
        <h2>{sections.sites}</h2>
        <span class="end">
          <NewSite sites={sites} onMade={onChanged} />
        </span>
      </div>
      {sites.map((site) => (
        <SitePanel
          key={site.id}
          of={site}
          boxes={boxesOf(site, boxes)}
          sites={sites}
          isFirst={site.id === first}
          isAsked={site.id === asked}
          onChanged={onChanged}
          onBoxChanged={onBoxChanged}
        />
      ))}
    </>
  );
}

const boxesOf = ({ id }: Site, boxes: readonly Box[]) =>
  boxes.filter(({ site }) => (site ?? defaultSite) === id).toSorted((a, b) => a.id.localeCompare(b.id));

const maxNameLength = 64;

function NewSite({ sites, onMade }: { sites: readonly Site[]; onMade(): void }) {
  const { site: w } = settingsWords.value;
  const isOpen = useSignal(false);
  const name = useSignal("");
  const typed = name.value.trim();
  const isTaken = sites.some((site) => site.id === idOf(typed) || site.name === typed);
  const make = async () => {
    await gatepost().ask("PUT /v1/sites/{id}", { path: { id: idOf(typed) }, body: { name: typed } });
    name.value = "";
    onMade();
  };
  return (
    <>
      <Button icon="plus" look="small" onClick={() => (isOpen.value = true)}>
        {w.new}
      </Button>
      {isOpen.value ? (
        <FormDialog
          title={w.new}
          isReady={typed !== "" && !isTaken}
          onSend={make}
          onClose={() => (isOpen.value = false)}
        >
          <Field label={labels.value.name} member="name" of={name} required maxLength={maxNameLength} />
          {isTaken ? (
            <p class="note warn" role="status">
              {w.taken}
            </p>
          ) : null}
        </FormDialog>
      ) : null}
    </>
  );
}

/** The text by which boxes and keys name the site: it stays when the name is changed. */
const idOf = (name: string) => name.toLowerCase().replaceAll(/\s+/g, "-");
