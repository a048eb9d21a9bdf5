import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { ago, shortDay } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Select } from "../parts/field.tsx";
import { State } from "../parts/mark.tsx";
import { Item, Opener } from "../parts/popover.tsx";
import { now } from "../state/clock.ts";
import { attempt, setUndoably } from "../state/failure.ts";
import { say } from "../state/notice.ts";
import { gatepost, me } from "../state/session.ts";
import type { Site } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { Avatar } from "./avatar.tsx";
import { type Link, MadeLink } from "./invite.tsx";
import { type Role, roleChoices } from "./roles.tsx";
import { Sees, type Sight, sightWords } from "./sees.tsx";
import { Sessions, useSessions } from "./sessions.tsx";

export type Account = Api["GET /v1/accounts"]["answer"]["accounts"][number];

/** The rights of an account, which are changed together: an administrator is not limited. */
type Rights = Sight & { role: Role };

interface AccountRowProps {
  of: Account;
  sites: readonly Site[];
  /** Whether it is the only administrator who can sign in. */
  isLast: boolean;
  onChanged(): void;
}

/** A person who signs in: role and sites are changed in place. */
export function AccountRow({ of: account, sites, isLast, onChanged }: AccountRowProps) {
  const w = settingsWords.value;
  const { roles } = words.value;
  const { id, role, isByGroups, isDisabled } = account;
  const name = nameOf(account);
  const isOwn = id === me.value?.account?.id;
  const isFixed = isOwn || isByGroups || isLast;
  const why = isByGroups ? w.byGroups : isLast ? w.lastAdministrator : undefined;
  const set = async (rights: Rights) => {
    const limits = rights.role === "administrator" ? { sites: null, boxes: null } : rights;
    await gatepost().ask("PATCH /v1/accounts/{id}", { path: { id }, body: { ...rights, ...limits } });
    onChanged();
  };
  const before = { role, sites: account.sites, boxes: account.boxes };
  const change = (next: Rights, said: string) => setUndoably(set, { next, before, said: w.nowIs(name, said) });
  return (
    <tr>
      <td class="who">
        <span class="person-cell">
          <Avatar name={name} />
          <b>
            <bdi>{name}</bdi>
          </b>
          <span class="meta">
            <Under of={account} />
          </span>
        </span>
      </td>
      <td>
        <Select
          aria-label={w.roleOf(name)}
          title={why}
          disabled={isFixed}
          chosen={role}
          choices={roleChoices()}
          onChoose={(chosen) => void change({ ...before, role: chosen }, roles[chosen])}
        />
      </td>
      <td class="opt">
        {role === "administrator" ? (
          <span class="quiet">{w.everything}</span>
        ) : (
          <Sees
            label={w.seesOf(name)}
            of={account}
            sites={sites}
            disabled={isOwn || isByGroups}
            title={isByGroups ? w.byGroups : undefined}
            onChange={(sight) => void change({ role, ...sight }, sightWords(sight, sites))}
          />
        )}
      </td>
      <td class="opt quiet">{account.with === null ? w.notYet : w.with[account.with]}</td>
      <td class="opt quiet nowrap">
        {isOwn ? w.thisBrowser : isDisabled ? <State tone="">{w.disabled}</State> : <Seen of={account} />}
      </td>
      <td class="num">
        {isOwn ? (
          <span class="meta">{w.you}</span>
        ) : (
          <More of={account} name={name} isLast={isLast} onChanged={onChanged} />
        )}
      </td>
    </tr>
  );
}

const nameOf = ({ name, email, id }: Account) => name ?? email ?? id;

/** Under the name: the address, or until when the invitation can be accepted. */
function Under({ of: { name, email, invitation } }: { of: Account }) {
  const w = settingsWords.value;
  if (invitation === null) return <bdi>{name === null ? w.invitationEnded : email}</bdi>;
  const isOver = Date.parse(invitation.expires) <= now.value;
  return <>{isOver ? w.invitationEnded : w.invitedUntil(shortDay(invitation.expires))}</>;
}

function Seen({ of: { lastSeen, isHere } }: { of: Account }) {
  const w = settingsWords.value;
  return <>{isHere ? words.value.time.now : lastSeen === null ? w.never : ago(lastSeen, now.value)}</>;
}

function SessionsDialog({ account, name, onClose }: { account: string; name: string; onClose(): void }) {
  const sessions = useSessions(account);
  return (
    <Dialog title={<bdi>{settingsWords.value.sessionsOf(name)}</bdi>} onClose={onClose}>
      <Sessions account={account} of={sessions} />
    </Dialog>
  );
}

interface MoreProps {
  of: Account;
  name: string;
  isLast: boolean;
  onChanged(): void;
}

/** The rarer acts on an account. */
function More({ of: { id, isDisabled, with: way }, name, isLast, onChanged }: MoreProps) {
  const w = settingsWords.value;
  const shown = useSignal<"sessions" | "link" | "factors" | "remove" | null>(null);
  const link = useSignal<Link | null>(null);
  const close = () => {
    [shown.value, link.value] = [null, null];
  };
  const renew = () =>
    attempt(async () => {
      link.value = await gatepost().ask("POST /v1/accounts/{id}/invitation", { path: { id } });
      onChanged();
    });
  const enable = () =>
    attempt(async () => {
      await gatepost().ask("PATCH /v1/accounts/{id}", { path: { id }, body: { isDisabled: false } });
      say(w.enabled(name));
      onChanged();
    });
  const resetFactors = () =>
    attempt(async () => {
      await gatepost().send("DELETE /v1/accounts/{id}/factors", { path: { id } });
      close();
      say(w.factors.areReset(name));
    });
  const remove = () =>
    attempt(async () => {
      await gatepost().send("DELETE /v1/accounts/{id}", { path: { id } });
      close();
      say(w.removed(name));
      onChanged();
    });
  return (
    <>
      <Opener label={w.moreAbout(name)} icon="more">
        {(closeMenu) => (
          <ul class="choices">
            <Item text={w.sessions} close={closeMenu} onChoose={() => (shown.value = "sessions")} />
            <Item text={w.newLink} close={closeMenu} onChoose={() => (shown.value = "link")} />
            {way === "password" ? (
              <Item text={w.factors.reset} close={closeMenu} onChoose={() => (shown.value = "factors")} />
            ) : null}
            {isDisabled ? <Item text={w.enable} close={closeMenu} onChoose={() => void enable()} /> : null}
            <Item
              text={w.removePerson}
              disabled={isLast}
              title={isLast ? w.lastAdministrator : undefined}
              close={closeMenu}
              onChoose={() => (shown.value = "remove")}
            />
          </ul>
        )}
      </Opener>
      {shown.value === "sessions" ? <SessionsDialog account={id} name={name} onClose={close} /> : null}
      {shown.value === "link" ? (
        <Dialog title={<bdi>{w.newLinkFor(name)}</bdi>} onClose={close}>
          {link.value === null ? (
            <>
              <p>
                {w.newLinkWhy} {isDisabled ? w.newLinkEnables : null}
              </p>
              <span class="line">
                <Button look="main" onClick={() => void renew()}>
                  {w.makeLink}
                </Button>
                <Button onClick={close}>{words.value.cancel}</Button>
              </span>
            </>
          ) : (
            <MadeLink of={link.value} />
          )}
        </Dialog>
      ) : null}
      {shown.value === "factors" ? (
        <Dialog title={<bdi>{w.factors.resetTitle(name)}</bdi>} onClose={close}>
          <p>{w.factors.resetWhy}</p>
          <span class="line">
            <Button look="risk" onClick={() => void resetFactors()}>
              {w.factors.resetDo}
            </Button>
            <Button onClick={close}>{words.value.cancel}</Button>
          </span>
        </Dialog>
      ) : null}
      {shown.value === "remove" ? (
        <Dialog title={<bdi>{w.removeTitle(name)}</bdi>} onClose={close}>
          <p>{w.removeWhy}</p>
          <span class="line">
            <Button look="risk" onClick={() => void remove()}>
              {w.removeDo}
            </Button>
            <Button onClick={close}>{words.value.cancel}</Button>
          </span>
        </Dialog>
      ) : null}
    </>
  );
}
