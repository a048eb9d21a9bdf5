import { isObject, storedJson } from "@gatepost/protocol";
import { absent, equals, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { type Role, roles } from "../accounts/account.ts";
import { authority, isPem } from "../authority/authority.ts";
import { GatepostError } from "../errors/errors.ts";
import { faultInWords } from "../errors/fault-words.ts";
import { RecordKind } from "../records/record-kind.ts";

/** Most groups that settings map, and most sites of one. */
const maxGroups = 200;
const maxSites = 50;

const grant = z.strictObject({
  role: z.enum(roles),
  /** The sites that the group sees; null for all. */
  sites: z._default(
    z.nullable(z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(maxSites))),
    null,
  ),
});

/** How a company signs in: oidc.json, or the settings of the console. */
export const companySettings = z
  .strictObject({
    /** The name on the button of the sign-in page. */
    name: z._default(z.string().check(z.trim(), z.minLength(1), z.maxLength(64)), "SSO"),
    scope: z._default(
      z.string().check(z.regex(/^openid( [\x21\x23-\x5b\x5d-\x7e]{1,100}){0,20}$/)),
      "openid profile email offline_access",
    ),
    /** The authority of the provider's certificate, as PEM, if no public one has made it. */
    ca: z._default(z.nullable(authority), null),
    /** What a sign-in must have proved there: all of these in the claim `amr`, or one of them as `acr`. */
    requires: z._default(z.array(z.string().check(z.minLength(1), z.maxLength(200))).check(z.maxLength(10)), []),
    groupsClaim: z._default(z.string().check(z.minLength(1), z.maxLength(200)), "groups"),
    groups: z._default(
      z
        .record(z.string().check(z.minLength(1), z.maxLength(256)), grant)
        .check(z.refine((groups) => Object.keys(groups).length <= maxGroups, `must have ${maxGroups} groups at most`)),
      {},
    ),
  })
  .register(z.globalRegistry, { id: "CompanySettings" });

/** The settings as people may write them. */
export const writtenSettings = companySettings.check(
  z.superRefine(({ groups }, context) => {
    for (const [name, { role, sites }] of Object.entries(groups)) {
      if (role !== "administrator" || sites === null) continue;
      const message = "an administrator sees all sites; leave `sites` out, or choose another role";
      context.addIssue({ code: "custom", path: ["groups", name, "sites"], message });
    }
  }),
);

export type CompanySettings = z.output<typeof companySettings>;

/** Whether the claims of an ID token say that its person has proved what the settings require (RFC 8176). */
export function hasProved(claims: Record<string, unknown>, { requires }: Pick<CompanySettings, "requires">): boolean {
  const methods = [claims["amr"]].flat();
  return requires.every((one) => methods.includes(one)) || requires.some((one) => claims["acr"] === one);
}

/** What the groups of a person give. */
export interface Grant {
  role: Role;
  /** Null for all sites. */
  sites: string[] | null;
}

/**
 * The highest role of the groups of a person, and the sites of all groups that have a role. An administrator sees all
 * sites. Null: no group has a role.
 */
export function grantOf(groups: readonly string[], settings: Pick<CompanySettings, "groups">): Grant | null {
  const grants = groups.flatMap((group) =>
    Object.hasOwn(settings.groups, group) ? (settings.groups[group] ?? []) : [],
  );
  const [role] = roles.toReversed().filter((one) => grants.some((given) => given.role === one));
  if (role === undefined) return null;
  const isEverywhere = role === "administrator" || grants.some(({ sites }) => sites === null);
  return { role, sites: isEverywhere ? null : [...new Set(grants.flatMap(({ sites }) => sites ?? []))].sort() };
}

/** `company`: the settings that were made in the console. `rev` rises with each write. */
const records = new RecordKind("company", z.object({ settings: storedJson(companySettings), rev: z.int() }));

/** The settings of a company's sign-in. */
export interface CompanySettingsStore {
  /** The settings, and the version for a change. `isFile`: operators write them into oidc.json. */
  read(): Promise<{ settings: CompanySettings; version: string; isFile: boolean }>;
  /** False if the settings are not of this version any more. Throws 409 if they are a file. */
  write(settings: CompanySettings, version: string): Promise<boolean>;
}

/** The settings as a record. Without one, no group has a role. */
export class CompanyRecords implements CompanySettingsStore {
  readonly #items: Rows;

  constructor(items: Rows) {
    this.#items = items;
  }

  async read(): ReturnType<CompanySettingsStore["read"]> {
    const item = await this.#items.get(records.pk(""));
    if (item === null) return { settings: z.parse(companySettings, {}), version: "0", isFile: false };
    const { settings, rev } = records.read(item);
    return { settings, version: `${rev}`, isFile: false };
  }

  async write(settings: CompanySettings, version: string): Promise<boolean> {
    const rev = Number(version);
    const record = { settings: JSON.stringify(settings), rev: rev + 1 };
    return (await this.#items.write(records.record("", record, rev === 0 ? absent() : equals("rev", rev)))).applied;
  }
}

/**
 * The settings in the text of oidc.json. Throws 503 with the fault: no person signs in by half of a file.
 *
 * @param textOf reads the file that is named as `ca`
 */
export function settingsIn(text: string, textOf: (name: string) => string): CompanySettings {
  try {
    const written: unknown = JSON.parse(text);
    const name = isObject(written) ? written["ca"] : null;
    const isFile = typeof name === "string" && !isPem(name);
    const given = isFile ? { ...Object(written), ca: contentOf(name, textOf) } : written;
    const read = z.safeParse(writtenSettings, given, { error: faultInWords });
    if (read.success) return read.data;
    const [{ path = [], message = "" } = {}] = read.error.issues;
    throw faulty(`${lineOf(text, path)}${[path.join("."), message].filter(Boolean).join(": ")}`);
  } catch (cause) {
    throw cause instanceof SyntaxError ? faulty("it is no JSON", cause) : cause;
  }
}

/** Throws 503 if the file cannot be read. */
function contentOf(name: string, textOf: (name: string) => string): string {
  try {
    return textOf(name);
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? cause.code : String(cause);
    throw faulty(`ca: the file ${name} cannot be read: ${reason}`, cause);
  }
}

function faulty(fault: string, cause?: unknown): GatepostError {
  return new GatepostError(
    "unavailable",
    `the company's sign-in is not set up right: oidc.json has a fault: ${fault}`,
    {
      cause,
    },
  );
}

/** The line of a fault in a group, to put before it. Empty if the fault is elsewhere. */
function lineOf(text: string, [first, group]: readonly PropertyKey[]): string {
  const groups = text.indexOf('"groups"');
  const at = first === "groups" && group !== undefined ? text.indexOf(JSON.stringify(group), groups + 1) : -1;
  return at < 0 ? "" : `line ${text.slice(0, at).split("\n").length}: `;
}
