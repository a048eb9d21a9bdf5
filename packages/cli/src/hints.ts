import { isAbsolute, relative, resolve, sep } from "node:path";
import type { Command } from "commander";
import type { Target } from "./options.ts";

/** The Gatepost that a command was called for. */
export type HintTarget = Partial<Pick<Target, "data" | "url">>;

/** The commands of a hint that take --data, and --url except in the second group. */
const onApi =
  /^(?:keys|accounts|sign-in|status|boxes|stats|events|quarantine|actions|deliveries|deadletters|pictures|export|erase|audit)\b/;
const onFolder = /^(?:serve|start|backup|doctor|migrate|keys first)\b/;

/**
 * A text for a person, in which each command in backticks can be copied: it works on the same Gatepost, from the same
 * folder. Keys are never filled in.
 *
 * @example
 * completed("see `gatepost quarantine list`", { data: "/srv/gate" }); // "see `gatepost quarantine list --data /srv/gate`"
 */
export function completed(text: string, target: HintTarget): string {
  return text.replaceAll(/`gatepost ([^`\n]+)`/g, (_, command: string) => `\`${typed(command, target)}\``);
}

/**
 * A refusal of the API, in which the options and arguments of the called command take the place of its fields.
 *
 * @example
 * withOptions("expiresAt: must be later than now", create); // "--expires: must be later than now"
 */
export function withOptions(refusal: string, { options, registeredArguments }: Command): string {
  const typedAs = (field: string) => {
    const isOf = (name: string) => ["", "s", "es", "At"].some((ending) => field === name + ending);
    const argument = registeredArguments.find((one) => isOf(one.name()));
    return options.find((one) => isOf(one.attributeName()))?.long ?? (argument && `<${argument.name()}>`);
  };
  return refusal.replaceAll(/(?<=^|; )([\w.]+):/g, (path, fields: string) => {
    const typed = fields.split(".").flatMap((field) => typedAs(field) ?? [])[0];
    return typed === undefined ? path : `${typed}:`;
  });
}

/** A command as it is typed: with the target, and by npx if this process was started by npm. */
function typed(command: string, { data, url }: HintTarget): string {
  const program = process.env["npm_command"] === undefined ? "gatepost" : "npx gatepost";
  const isComplete = /--(?:data|url)\b/.test(command) || !(onApi.test(command) || onFolder.test(command));
  if (isComplete) return `${program} ${command}`;
  const place = url !== undefined && !onFolder.test(command) ? ["--url", shellWord(url)] : folderOption(data);
  return [program, command, ...place].join(" ");
}

function folderOption(data: string | undefined): string[] {
  const isUsual = data === undefined || resolve(data) === resolve(".gatepost");
  return isUsual ? [] : ["--data", pathWord(data)];
}

/** A path as a user types it in the current folder. */
export function pathWord(path: string): string {
  const short = relative(process.cwd(), resolve(path));
  return shellWord(short === "" ? "." : isOutside(short) ? resolve(path) : short);
}

function isOutside(short: string): boolean {
  return isAbsolute(short) || short.split(sep)[0] === "..";
}

/** A text as one word of a shell. */
export function shellWord(text: string): string {
  if (/^[\p{L}\p{N}./\\:@~_-]+$/u.test(text)) return text;
  return process.platform === "win32" ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`;
}
