import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Choice, Field, Select } from "../parts/field.tsx";
import { Table } from "../parts/table.tsx";
import { setUndoably } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { anybody, gatepost } from "../state/session.ts";
import type { Site } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { type Role, roleChoices } from "./roles.tsx";
import { Sees, sightWords } from "./sees.tsx";

type Read = Api["GET /v1/company"]["answer"];
type Groups = Read["settings"]["groups"];

/** The groups of the company's provider and the role that each gives; nothing if there is no such provider. */
export function Company({ sites }: { sites: readonly Site[] }) {
  const { company: w } = settingsWords.value;
  const { state, set } = useLoading<Read | null>("company", async (signal) => {
    const { company } = await anybody.ask("GET /v1/sign-in", { signal });
    return company === null ? null : gatepost().ask("GET /v1/company", { signal });
  });
  const { value } = state.value;
  if (value === null) return null;
  const { settings, isFile } = value;
  const write = async (groups: Groups) => {
    const { version, settings: latest } = state.peek().value ?? value;
    set(await gatepost().ask("PUT /v1/company", { body: { version, settings: { ...latest, groups } } }));
  };
  return (
    <section class="panel" aria-labelledby="company-title">
      <header>
        <h2 id="company-title">{w.title(settings.name)}</h2>
        <span class="meta">{isFile ? w.inFile : w.about}</span>
        {isFile ? null : <NewGroup groups={settings.groups} onMade={write} />}
      </header>
      {Object.keys(settings.groups).length === 0 ? (
        <p class="body quiet">{w.none}</p>
      ) : (
        <GroupTable
          groups={settings.groups}
          sites={sites}
          isFixed={isFile}
          onChange={(next, said) => void setUndoably(write, { next, before: settings.groups, said })}
        />
      )}
    </section>
  );
}

interface GroupsProps {
  groups: Groups;
  sites: readonly Site[];
  isFixed: boolean;
  /** @param said the change, in a few words */
  onChange(groups: Groups, said: string): void;
}

function GroupTable({ groups, sites, isFixed, onChange }: GroupsProps) {
  const w = settingsWords.value;
  const { roles } = words.value;
  const withOne = (name: string, mapped: Groups[string]) => ({ ...groups, [name]: mapped });
  const without = (name: string) => Object.fromEntries(Object.entries(groups).filter(([other]) => other !== name));
  return (
    <Table label={w.company.groups} heads={[words.value.event.group, w.role, w.sees]} hidden={w.do}>
      {Object.entries(groups).map(([name, { role, sites: of }]) => (
        <tr key={name}>
          <td class="who">
            <bdi class="mono">{name}</bdi>
          </td>
          <td>
            <Select
              aria-label={w.roleOf(name)}
              disabled={isFixed}
              chosen={role}
              choices={roleChoices()}
              onChoose={(chosen) => {
                const limits = chosen === "administrator" ? null : of;
                onChange(withOne(name, { role: chosen, sites: limits }), w.nowIs(name, roles[chosen]));
              }}
            />
          </td>
          <td class="opt">
            {role === "administrator" ? (
              <span class="quiet">{w.everything}</span>
            ) : (
              <Sees
                label={w.seesOf(name)}
                of={{ sites: of, boxes: null }}
                sites={sites}
                disabled={isFixed}
                onChange={(sight) =>
                  onChange(
                    withOne(name, { role, sites: sight.sites === null ? null : [...sight.sites] }),
                    w.nowIs(name, sightWords(sight, sites)),
                  )
                }
              />
            )}
          </td>
          <td class="num">
            {isFixed ? null : (
              <Button look="small" onClick={() => onChange(without(name), w.removed(name))}>
                {w.removeDo}
              </Button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function NewGroup({ groups, onMade }: { groups: Groups; onMade(groups: Groups): Promise<unknown> }) {
  const w = settingsWords.value;
  const isOpen = useSignal(false);
  const name = useSignal("");
  const role = useSignal<Role>("guard");
  const typed = name.value.trim();
  const make = async () => {
    await onMade({ ...groups, [typed]: { role: role.value, sites: null } });
    name.value = "";
  };
  return (
    <span class="end">
      <Button icon="plus" look="small" onClick={() => (isOpen.value = true)}>
        {w.company.newGroup}
      </Button>
      {isOpen.value ? (
        <FormDialog
          title={w.company.newGroup}
          isReady={typed !== "" && !Object.hasOwn(groups, typed)}
          onSend={make}
          onClose={() => (isOpen.value = false)}
        >
          <Field label={w.company.groupLabel} of={name} look="mono" required maxLength={200} />
          <Choice
            label={w.role}
            chosen={role.value}
            choices={roleChoices()}
            onChoose={(chosen) => (role.value = chosen)}
          />
        </FormDialog>
      ) : null}
    </span>
  );
}
