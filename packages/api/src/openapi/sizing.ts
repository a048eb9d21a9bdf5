/** The needs of one passing on one machine, as docs/costs.md says how they were measured. */
export const measured = {
  /** KB of the pictures of an SE3: scene and face, and the registered picture once a month for each person. */
  pictureKilobytes: 362,
  /** KB in the database: the event, both reports and their places in the indexes. */
  rowKilobytes: 4,
  /** ms of CPU for both reports, their pictures and syncs included. */
  cpuMilliseconds: 10,
  /** Days that pictures stay on the disk after the last day of their event. */
  extraPictureDays: 31,
  /** GB of memory for the process and its system, with all bodies in flight. */
  memoryGigabytes: 2,
};

export interface Load {
  boxes: number;
  /** A day, at each box. */
  passings: number;
  /** Days for which events are kept. */
  days: number;
  /** For one passing. */
  pictureKilobytes: number;
}

/** A server for a load. */
export interface Size {
  /** Passings that are kept. */
  kept: number;
  picturesGigabytes: number;
  databaseGigabytes: number;
  memoryGigabytes: number;
  cores: number;
}

/**
 * The size of a server for a load: a third of a day's passings are in one hour, and half of the CPU is idle then. It
 * also runs in the calculator, so it uses only its arguments.
 */
export function sizeOf(load: Load, per: typeof measured): Size {
  const daily = load.boxes * load.passings;
  const databaseGigabytes = (daily * load.days * per.rowKilobytes) / 1e6;
  return {
    kept: daily * load.days,
    picturesGigabytes: (daily * (load.days + per.extraPictureDays) * load.pictureKilobytes) / 1e6,
    databaseGigabytes,
    memoryGigabytes: Math.ceil(per.memoryGigabytes + databaseGigabytes),
    cores: Math.max(2, Math.ceil(((daily / 3 / 3600) * per.cpuMilliseconds * 2) / 1000)),
  };
}

const field = (name: keyof Load, label: string, value: number, most: number) =>
  `<label>${label} <input type="number" name="${name}" value="${value}" min="1" max="${most}" step="1" required></label>`;

/** The calculator of the page, which needs its script. */
export const calculator = `<section id="sizing" aria-labelledby="sizing-title"><h2 id="sizing-title">Size of a server</h2>
<p>For one machine, from measured needs of a passing that is reported twice. A full backup needs the same room again.</p>
<fieldset><legend>Load</legend>${[
  field("boxes", "Boxes", 10, 100_000),
  field("passings", "Passings a day, of each box", 500, 100_000),
  field("days", "Days that events are kept", 90, 3650),
  field("pictureKilobytes", "KB of pictures a passing", measured.pictureKilobytes, 15_000),
].join("")}</fieldset><output></output><noscript><p>The calculator needs JavaScript.</p></noscript></section>`;

/** The script of the calculator. It loads nothing. */
export const calculatorScript = `
const per = ${JSON.stringify(measured)};
const sizeOf = ${sizeOf.toString()};
const inputs = [...document.querySelectorAll("#sizing input")];
const output = document.querySelector("#sizing output");
const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const show = () => {
  if (!inputs.every((input) => input.checkValidity())) {
    output.textContent = "Enter a whole number within its limits in each field.";
    return;
  }
  const size = sizeOf(Object.fromEntries(inputs.map(({ name, valueAsNumber }) => [name, valueAsNumber])), per);
  output.textContent = [
    number.format(size.kept) + " passings are kept",
    number.format(size.picturesGigabytes) + " GB of disk for pictures",
    number.format(size.databaseGigabytes) + " GB of disk for the database",
    number.format(size.memoryGigabytes) + " GB of memory, with the whole database in it",
    number.format(size.cores) + " CPU cores",
  ].join("\\n");
};
for (const input of inputs) input.addEventListener("input", show);
show();
`;
