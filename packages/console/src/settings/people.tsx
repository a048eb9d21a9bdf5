import { useSignal } from "@preact/signals";
import type { ComponentProps } from "preact";
import { Button } from "../parts/button.tsx";
import { anyContains, Find, manyItems } from "../parts/field.tsx";
import { Failed, Outdated } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { useAct } from "../state/act.ts";
import type { Failure } from "../state/failure.ts";
import { readPages, useLoading } from "../state/loading.ts";
import { gatepost, me } from "../state/session.ts";
import { listSites } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { type Account, AccountRow } from "./account-row.tsx";
import { Company } from "./company.tsx";
import { FactorPolicy } from "./factor-policy.tsx";
import { Invite } from "./invite.tsx";
import { Roles } from "./roles.tsx";
import { Sessions, useSessions } from "./sessions.tsx";

const everyMs = 30_000;
const maxPages = 20;

/** The people who sign in: who they are, what they may do and see, and an invitation for another. */
export function People() {
  const w = settingsWords.value;
  const { state, reload } = useLoading("accounts", listAccounts, { every: everyMs });
  const { state: siteState } = useLoading("sites", listSites);
  const { value, failure, retryAt } = state.value;
  const sites = siteState.value.value ?? [];
  const accounts = value ?? [];
  const isFirst = value?.length === 0;
  const isAsked = useAct("invite");
  const isInviting = isAsked.value || isFirst;
  const sought = useSignal("");
  const shown = accounts.filter(({ name, email }) => anyContains([name, email], sought.value));
  return (
    <>
      <section class="panel" id="people" aria-labelledby="people-title">
        <header>
          <h2 id="people-title">{w.sections.people}</h2>
          {value === null || isFirst ? null : (
            <span class="meta">{w.peopleCounted(accounts.length, hereOf(accounts))}</span>
          )}
          {accounts.length <= manyItems ? null : (
            <Find label={words.value.columns.person} value={sought.value} onFind={(text) => (sought.value = text)} />
          )}
          <span class="end">
            <Button
              icon="plus"
              look="small main"
              aria-expanded={isInviting}
              onClick={() => (isAsked.value = !isAsked.value)}
            >
              {w.invite}
            </Button>
          </span>
        </header>
        {isFirst ? <p class="body">{w.nobodyYet}</p> : null}
        {isInviting ? (
          <Invite
            sites={sites}
            first={isFirst ? "administrator" : "guard"}
            onInvited={() => invited(isAsked, reload)}
          />
        ) : null}
        {value === null ? <NotYet failure={failure} retryAt={retryAt} onRetry={reload} /> : null}
        <Outdated of={state.value} />
        {accounts.length === 0 ? null : (
          <Table
            label={w.sections.people}
            heads={[words.value.columns.person, w.role, w.sees, w.signsInWith, w.lastSeen]}
            hidden={w.do}
          >
            {shown.map((account) => (
              <AccountRow
                key={account.id}
                of={account}
                sites={sites}
                isLast={isLastAdministrator(account, accounts)}
                onChanged={reload}
              />
            ))}
          </Table>
        )}
      </section>
      <FactorPolicy />
      <OfFirstLinks />
      <Company sites={sites} />
      <Roles />
    </>
  );
}

/** The sessions of first links, each of which can be ended. */
function OfFirstLinks() {
  const w = settingsWords.value;
  const account = "setup";
  const sessions = useSessions(account);
  if ((sessions.state.value.value?.sessions ?? []).length === 0) return null;
  return (
    <section class="panel" aria-labelledby="first-links-title">
      <header>
        <h2 id="first-links-title">{w.firstLinks}</h2>
      </header>
      <Sessions account={account} of={sessions} />
    </section>
  );
}

function NotYet({ failure, ...rest }: Omit<ComponentProps<typeof Failed>, "failure"> & { failure: Failure | null }) {
  if (failure === null) return <p class="body quiet">{words.value.events.loading}</p>;
  return <Failed failure={failure} {...rest} />;
}

/** The link of the first invitation stays in view when the list is no longer empty. */
function invited(isAsked: { value: boolean }, reload: () => void): void {
  isAsked.value = true;
  reload();
}

async function listAccounts(signal: AbortSignal): Promise<readonly Account[]> {
  const { items } = await readPages<Account>(
    (_, pages) => pages >= maxPages,
    async (from) => {
      const { accounts, next } = await gatepost().ask("GET /v1/accounts", { query: { limit: 200, ...from }, signal });
      return { items: accounts, next };
    },
  );
  return items;
}

/** The user is here, too, though the answer may be of before. */
const hereOf = (accounts: readonly Account[]) =>
  accounts.filter(({ id, isHere }) => isHere || id === me.value?.account?.id).length;

function isLastAdministrator(account: Account, accounts: readonly Account[]): boolean {
  const isAble = ({ role, isDisabled, with: way }: Account) => role === "administrator" && !isDisabled && way !== null;
  return isAble(account) && accounts.filter(isAble).length === 1;
}
