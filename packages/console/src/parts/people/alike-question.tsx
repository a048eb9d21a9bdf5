import { useSignal } from "@preact/signals";
import { attempt } from "../../state/failure.ts";
import { useLoading } from "../../state/loading.ts";
import { sayUndoable } from "../../state/notice.ts";
import { isManager } from "../../state/role.ts";
import { gatepost } from "../../state/session.ts";
import { askSharing, listSites, siteNameOf } from "../../state/sites.ts";
import { alikeWords } from "../../words/alike.ts";
import { Button } from "../button.tsx";
import { Confirm } from "../dialog.tsx";

interface AlikeQuestionProps {
  /** The site that the page shows; null for all. */
  site: string | null;
  /** After an answer: two people may be one. */
  onAnswered(): void;
}

/**
 * Asks managers whether people whom several boxes of a site know with one id and name are the same. It comes late, and is
 * last on a page: nothing moves.
 */
export function AlikeQuestion(props: AlikeQuestionProps) {
  return isManager.value ? <Question {...props} /> : null;
}

function Question({ site, onAnswered }: AlikeQuestionProps) {
  const w = alikeWords.value;
  const { state } = useLoading(`alike ${site}`, (signal) => readAlike(site, signal));
  const answered = useSignal<readonly string[]>([]);
  const asked = state.value.value?.find(({ id }) => !answered.value.includes(id));
  if (asked === undefined) return null;
  const { id, people, name } = asked;
  const answer = (areSame: boolean | null) =>
    attempt(async () => {
      await gatepost().send("PUT /v1/people/alike", { body: { site: id, areSame } });
      answered.value = [...answered.peek().filter((one) => one !== id), ...(areSame === null ? [] : [id])];
      void askSharing();
      onAnswered();
      if (areSame !== null) sayUndoable(areSame ? w.same : w.different, () => answer(null));
      return true;
    });
  return (
    <p class="many alike" role="status">
      <bdi>{w.question(people, name)}</bdi>
      <span class="line">
        <Confirm
          label={w.yes}
          look="small"
          title={w.yesTitle}
          why={w.yesWhy}
          does={w.yesDo}
          onConfirm={() => answer(true)}
        />
        <Button look="small" onClick={() => void answer(false)}>
          {w.no}
        </Button>
      </span>
    </p>
  );
}

/** The sites with such people; the name of a site is null if there is no other. */
async function readAlike(site: string | null, signal: AbortSignal) {
  const { sites } = await gatepost().ask("GET /v1/people/alike", { query: site === null ? {} : { site }, signal });
  const listed = sites.length === 0 ? [] : await listSites(signal);
  return sites.map(({ site: id, people }) => {
    const name = siteNameOf(listed.find((one) => one.id === id) ?? { id, name: id });
    return { id, people, name: listed.length < 2 ? null : name };
  });
}
