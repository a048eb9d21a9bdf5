import type { Api, Box } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { boxNameOf, deviceNameOf } from "../format/event.ts";
import { Button } from "../parts/button.tsx";
import { Select } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { aboutBox } from "../state/boxes/about.ts";
import { setUndoably } from "../state/failure.ts";
import { gatepost } from "../state/session.ts";
import { defaultSite, type Site, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";

type Device = Box["devices"][number];
type BoxChange = Api["PATCH /v1/boxes/{id}"]["body"];
type DeviceChange = Api["PATCH /v1/devices/{id}"]["body"];

interface BoxRowsProps {
  of: Box;
  /** Whether its devices are shown at first. */
  isOpenFirst: boolean;
  sites: readonly Site[];
  /** The box as it is after a change. */
  onChanged(box: Box): void;
}

/** A box with its display name and site, and its devices when they are opened. Each change can be undone. */
export function BoxRows({ of: box, isOpenFirst, sites, onChanged }: BoxRowsProps) {
  const { site: w } = settingsWords.value;
  const isOpen = useSignal(isOpenFirst);
  const { id, devices } = box;
  const set = async (body: BoxChange) =>
    onChanged(await gatepost().ask("PATCH /v1/boxes/{id}", { path: { id }, body }));
  const change = (next: BoxChange, before: BoxChange, said: string) =>
    setUndoably(set, { next, before, said: `${id}: ${said}` });
  const move = (to: string) => {
    const site = sites.find((one) => one.id === to);
    if (site === undefined) return;
    void change({ site: to === defaultSite ? null : to }, { site: box.site }, siteNameOf(site));
  };
  return (
    <>
      <tr>
        <td class="who">
          <b class="mono">
            <bdi>{id}</bdi>
          </b>
          <bdi class="meta">{aboutBox(box)}</bdi>
        </td>
        <td>
          <NameField
            label={w.nameOf(id)}
            value={box.name}
            onSave={(name) => change({ name }, { name: box.name }, name ?? w.without)}
          />
        </td>
        <td class="opt quiet">{directionsOf(devices)}</td>
        <td>
          {sites.length < 2 ? null : (
            <Select
              aria-label={w.siteOf(boxNameOf(box))}
              chosen={box.site ?? defaultSite}
              choices={sites.map((site) => [site.id, siteNameOf(site)] as const)}
              onChoose={move}
            />
          )}
        </td>
        <td class="num">
          {devices.length === 0 ? null : (
            <Button
              look="small bare"
              aria-expanded={isOpen.value}
              aria-label={`${w.devices(devices.length)}: ${boxNameOf(box)}`}
              onClick={() => (isOpen.value = !isOpen.value)}
            >
              <Icon name={isOpen.value ? "up" : "down"} />
              {w.devices(devices.length)}
            </Button>
          )}
        </td>
      </tr>
      {isOpen.value
        ? devices.map((device) => <DeviceRow key={device.key} of={device} box={box} onChanged={onChanged} />)
        : null}
    </>
  );
}

/** The directions of the devices that have one, each once. */
function directionsOf(devices: readonly Device[]): string {
  const directionsOf = ({ direction, directionsSent }: Device) => [
    ...(direction === null ? [] : [direction]),
    ...directionsSent,
  ];
  const counting = devices.filter(({ counts, direction }) => counts && direction !== "ignore");
  return inWords(counting.flatMap(directionsOf));
}

function inWords(found: readonly NonNullable<Device["direction"]>[]): string {
  const { directions, code } = words.value;
  return [...new Set(found)].map((direction) => directions[direction]).join(code === "zh-CN" ? "、" : ", ");
}

/** `said`: as the box says it. `none`: its passings do not count. */
const ways = ["said", "in", "out", "both", "ignore", "none"] as const;
type Way = (typeof ways)[number];

const wayOf = ({ directionSet, counts }: Device): Way => (counts ? (directionSet ?? "said") : "none");

/** The change that gives a device a direction, or lets it not count. */
function changeTo(way: Way): DeviceChange {
  if (way === "none") return { counts: false };
  return { direction: way === "said" ? null : way, counts: true };
}

interface DeviceRowProps {
  of: Device;
  box: Box;
  onChanged(box: Box): void;
}

function DeviceRow({ of: device, box, onChanged }: DeviceRowProps) {
  const { site: w } = settingsWords.value;
  const { directions } = words.value;
  const { key, id, ip, label, directionSet, directionSaid, directionsSent, counts } = device;
  const called = deviceNameOf(device) ?? ip ?? id;
  const set = async (body: DeviceChange) => {
    const changed = await gatepost().ask("PATCH /v1/devices/{id}", { path: { id: key }, body });
    onChanged({ ...box, devices: box.devices.map((one) => (one.key === key ? changed : one)) });
  };
  const change = (next: DeviceChange, before: DeviceChange, said: string) =>
    setUndoably(set, { next, before, said: `${called}: ${said}` });
  const wordOf = (way: Way) => (way === "said" ? w.asSaid : way === "none" ? w.notCounted : directions[way]);
  return (
    <tr class="sub-row">
      <td class="who">
        <bdi class="mono quiet">{ip ?? device.name ?? ""}</bdi>
        <bdi class="meta mono" title={id}>
          {id}
        </bdi>
      </td>
      <td>
        <NameField
          label={w.nameOf(called)}
          value={label}
          placeholder={device.name}
          onSave={(name) => change({ label: name }, { label }, name ?? w.without)}
        />
      </td>
      <td>
        <Select
          aria-label={w.directionOf(called)}
          chosen={wayOf(device)}
          choices={ways.map((way) => [way, wordOf(way)] as const)}
          onChoose={(way) => void change(changeTo(way), { direction: directionSet, counts }, wordOf(way))}
        />
      </td>
      <td class="opt quiet">
        {directionsSent.length > 0
          ? w.saidByPassing(inWords(directionsSent))
          : w.said(directionSaid === null ? w.saidNothing : directions[directionSaid])}
      </td>
      <td />
    </tr>
  );
}

interface NameFieldProps {
  label: string;
  value: string | null;
  placeholder?: string | null;
  onSave(name: string | null): Promise<unknown>;
}

/**
 * A name that is saved when the field is left, or by Enter. An empty one takes the name away. An answer that arrives
 * meanwhile does not change the text that is being typed.
 */
function NameField({ label, value, placeholder = null, onSave }: NameFieldProps) {
  const typed = useSignal<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (document.activeElement !== field.current) typed.value = null;
  }, [value]);
  const save = async (text: string) => {
    const name = text.trim() || null;
    if (name !== value) await onSave(name);
    if (document.activeElement !== field.current) typed.value = null;
  };
  return (
    <input
      ref={field}
      class="field"
      aria-label={label}
      maxLength={64}
      autocomplete="off"
      placeholder={placeholder ?? ""}
      value={typed.value ?? value ?? ""}
      onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
      onChange={({ currentTarget }) => void save(currentTarget.value)}
    />
  );
}
