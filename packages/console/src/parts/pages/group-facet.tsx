import { useLoading } from "../../state/loading.ts";
import { setQuery } from "../../state/route.ts";
import { gatepost } from "../../state/session.ts";
import { hoursWords } from "../../words/hours.ts";
import { words } from "../../words/index.ts";
import { Facet } from "../facet.tsx";
import { Menu } from "../popover.tsx";

/** The group of people who are shown, of those who are there in some days. */
export function GroupFacet({ asked }: { asked: Omit<GroupsProps, "onDone"> }) {
  const { group } = asked;
  return (
    <Facet
      name={words.value.event.group}
      value={group === null ? null : <bdi>{group}</bdi>}
      onRemove={() => setQuery({ group: null })}
    >
      {(close) => <Groups {...asked} onDone={close} />}
    </Facet>
  );
}

interface GroupsProps {
  site: string;
  from: string;
  to: string;
  group: string | null;
  onDone(): void;
}

/** The groups that have people in these days. */
function Groups({ site, from, to, group, onDone }: GroupsProps) {
  const { state } = useLoading(`groups of ${site} ${from} ${to}`, async (signal) => {
    const answer = await gatepost().ask("GET /v1/hours", { query: { site, from, to, by: "group" }, signal });
    return "groups" in answer ? answer.groups.flatMap((one) => one.group ?? []).toSorted() : [];
  });
  const groups = state.value.value;
  if (groups === null) return <p class="meta">…</p>;
  if (groups.length === 0) return <p class="meta">{hoursWords.value.noGroups}</p>;
  return (
    <Menu
      choices={groups.map((name) => [name, <bdi key={name}>{name}</bdi>] as const)}
      isChosen={(name) => name === group}
      onChoose={(name) => setQuery({ group: name })}
      close={onDone}
    />
  );
}
