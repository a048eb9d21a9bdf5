import { Refusal } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { FormDialog } from "../parts/dialog.tsx";
import { Check } from "../parts/field.tsx";
import { openBook } from "../state/rolls/book.ts";
import { go } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { type Site, siteNameOf } from "../state/sites.ts";
import { rollWords } from "../words/roll.ts";

/** Begins the evacuation list of a site: one question, then its page. If one is open already, that is opened. */
export function BeginRoll({ site, onClose }: { site: Site; onClose(): void }) {
  const w = rollWords.value;
  const isDrill = useSignal<boolean | null>(null);
  const roll = useSignal<string | null>(null);
  const begin = async () => {
    roll.value = await beginOrFind(site.id, isDrill.value === true);
  };
  const open = () => {
    onClose();
    if (roll.value !== null) go("roll", roll.value);
  };
  const choice = (value: boolean, text: string) => (
    <Check label={text} oneOf="drill" isOn={isDrill.value === value} onChange={() => (isDrill.value = value)} />
  );
  return (
    <FormDialog
      title={<bdi>{w.beginTitle(siteNameOf(site))}</bdi>}
      does={w.begin}
      isRisk
      isReady={isDrill.value !== null}
      onSend={begin}
      onSent={open}
      onClose={onClose}
    >
      <p>{w.beginWhy}</p>
      <fieldset class="form">
        <legend class="hide">{w.kind}</legend>
        {choice(true, w.drill)}
        {choice(false, w.real)}
      </fieldset>
    </FormDialog>
  );
}

async function beginOrFind(site: string, isDrill: boolean): Promise<string> {
  try {
    return openBook(await gatepost().ask("POST /v1/rolls", { body: { site, isDrill } })).roll.peek().id;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "open") throw error;
    const { rolls } = await gatepost().ask("GET /v1/rolls");
    const open = rolls.find((roll) => roll.site === site);
    if (open === undefined) throw error;
    return open.id;
  }
}
