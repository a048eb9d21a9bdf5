import type { Box } from "@gatepost/client";
import { AddBox, Button } from "../parts/button.tsx";
import { SiteFacet } from "../parts/facets.tsx";
import { anyContains, Find, manyItems } from "../parts/field.tsx";
import { Head } from "../parts/head.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { goodForMs, type ListedBoxes, listBoxes } from "../state/boxes/list-boxes.ts";
import { useLoading } from "../state/loading.ts";
import { parameter, setQuery } from "../state/route.ts";
import { defaultSite } from "../state/sites.ts";
import { boxWords } from "../words/boxes.ts";
import { words } from "../words/index.ts";
import { BoxCard } from "./card.tsx";
import { withSameSerial } from "./serial-note.tsx";
import { Sources } from "./sources.tsx";
import { UnknownTerminals } from "./unknown-terminals.tsx";

/** Which box is silent? */
export function BoxesPage() {
  const w = boxWords.value;
  const { pages } = words.value;
  const loading = useLoading("boxes", listBoxes, { every: goodForMs });
  const boxes = loading.state.value.value?.boxes ?? null;
  const silent = boxes?.filter((box) => box.state === "silent" && !box.silence.isExpected).length ?? 0;
  const reporting = boxes?.filter((box) => box.state === "reports").length ?? 0;
  return (
    <>
      <Head title={pages.boxes} {...(boxes === null ? {} : { say: w.about(silent, reporting) })}>
        {boxes === null || boxes.length <= manyItems ? null : (
          <Find label={w.find} value={parameter("q") ?? ""} onFind={(text) => setQuery({ q: text || null })} />
        )}
        <span class="end line tools">
          <SiteFacet />
          <AddBox />
        </span>
      </Head>
      <UnknownTerminals onLetIn={loading.reload} />
      <Sources />
      <Loaded of={loading} as="cards">
        {(listed) => <Cards listed={listed} onChanged={loading.reload} />}
      </Loaded>
    </>
  );
}

function Cards({ listed: { boxes, isWhole }, onChanged }: { listed: ListedBoxes; onChanged(): void }) {
  const w = boxWords.value;
  const { filters } = words.value;
  const sought = parameter("q");
  const site = parameter("site");
  const found = boxes.filter(
    (box) => (sought === null || isFound(box, sought)) && (site === null || site === (box.site ?? defaultSite)),
  );
  if (boxes.length === 0) {
    return (
      <Blank icon="boxes" title={w.noneTitle} why={w.noneWhy}>
        <AddBox />
      </Blank>
    );
  }
  if (found.length === 0) {
    return (
      <Blank icon="boxes" title={w.notFound}>
        <Button onClick={() => setQuery({ q: null, site: null })}>{filters.clear}</Button>
      </Blank>
    );
  }
  return (
    <>
      <div class="boxes">
        {found.map((box) => (
          <BoxCard key={box.id} box={box} others={withSameSerial(box, boxes)} onChanged={onChanged} />
        ))}
      </div>
      {isWhole ? null : <p class="more">{w.firstOnly(boxes.length)}</p>}
    </>
  );
}

/** By what people know a box by: its name, its site, its address, its devices. */
function isFound({ id, name, site, about, devices }: Box, sought: string): boolean {
  const known = [id, name, site, about?.name, about?.ip, about?.serial];
  return anyContains(
    [...known, ...devices.flatMap((device) => [device.label, device.name, device.id, device.ip])],
    sought,
  );
}
