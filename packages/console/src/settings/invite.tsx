import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { shortDay } from "../format/time.ts";
import { Button, CopyLine } from "../parts/button.tsx";
import { Choice, Field } from "../parts/field.tsx";
import { FormFaults, useSending } from "../parts/form-faults.tsx";
import { useLoading } from "../state/loading.ts";
import { anybody, gatepost } from "../state/session.ts";
import type { Site } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { type Role, roleNames } from "./roles.tsx";
import { Sees, type Sight } from "./sees.tsx";

export type Link = Api["POST /v1/accounts"]["answer"]["invitation"];

interface InviteProps {
  sites: readonly Site[];
  /** The role that is chosen at first. */
  first: Role;
  onInvited(): void;
}

/** Invites a person by e-mail address, role and sites. Its answer is the link, shown once. */
export function Invite({ sites, first, onInvited }: InviteProps) {
  const w = settingsWords.value;
  const email = useSignal("");
  const role = useSignal<Role>(first);
  const sight = useSignal<Sight>({ sites: null, boxes: null });
  const made = useSignal<Link | null>(null);
  const isUnlimited = role.value === "administrator";
  const { fault, send } = useSending(async () => {
    made.value = null;
    const limits = isUnlimited ? {} : sight.value;
    const body = { email: email.value.trim(), role: role.value, ...limits };
    made.value = (await gatepost().ask("POST /v1/accounts", { body })).invitation;
    email.value = "";
    onInvited();
  });
  return (
    <div class="invite">
      <form onSubmit={() => void send()}>
        <FormFaults of={fault.value}>
          <Field label={w.email} of={email} member="email" type="email" required maxLength={254} />
          <Choice
            label={w.role}
            member="role"
            chosen={role.value}
            choices={roleNames.map((name) => [name, words.value.roles[name]])}
            onChoose={(chosen) => (role.value = chosen)}
          />
          <div class="choice">
            <span>{w.sees}</span>
            {isUnlimited || sites.length === 0 ? (
              <span class="quiet">{w.everything}</span>
            ) : (
              <Sees
                label={w.sees}
                of={sight.value}
                sites={sites}
                disabled={false}
                onChange={(chosen) => (sight.value = chosen)}
              />
            )}
          </div>
        </FormFaults>
        <Button look="main" type="submit">
          {w.makeLink}
        </Button>
      </form>
      {made.value === null ? null : <MadeLink of={made.value} />}
    </div>
  );
}

/** A link that is shown only now. */
export function MadeLink({ of: { url, expires } }: { of: Link }) {
  const w = settingsWords.value;
  const { state } = useLoading("company", (signal) => anybody.ask("GET /v1/sign-in", { signal }));
  const company = state.value.value?.company ?? null;
  const date = shortDay(expires);
  return (
    <div class="gap" role="status">
      <CopyLine label={w.inviteLink} text={url} />
      <p class="meta">
        {company === null ? w.worksOnce(date) : w.worksOnceOr(date, company.name)}{" "}
        <a href={url}>
          <u>{w.openLink}</u>
        </a>
      </p>
    </div>
  );
}
