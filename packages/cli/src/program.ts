import { Command } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { sayWhy } from "./failure.ts";
import { writeOut } from "./output.ts";

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 called wrongly.`;

interface CommandFile {
  /** The commands that it adds. */
  names: readonly string[];
  /** Another name of its one command. */
  alias?: string;
  load(): Promise<(program: Command) => void>;
}

/** The files of commands, in the order of the help. */
export const commandFiles: readonly CommandFile[] = [
  { names: ["serve"], alias: "start", load: async () => (await import("./commands/serve.ts")).addServe },
  { names: ["accounts"], load: async () => (await import("./commands/accounts.ts")).addAccountCommands },
  { names: ["sign-in"], load: async () => (await import("./commands/sign-in.ts")).addSignIn },
  { names: ["keys"], load: async () => (await import("./commands/keys.ts")).addKeyCommands },
  { names: ["status"], load: async () => (await import("./commands/status.ts")).addStatus },
  { names: ["boxes"], load: async () => (await import("./commands/boxes.ts")).addBoxesCommands },
  { names: ["stats"], load: async () => (await import("./commands/stats.ts")).addStats },
  { names: ["events"], load: async () => (await import("./commands/events.ts")).addEventCommands },
  { names: ["quarantine"], load: async () => (await import("./commands/quarantine.ts")).addQuarantineCommands },
  { names: ["mappings"], load: async () => (await import("./commands/mappings.ts")).addMappingCommands },
  { names: ["actions"], load: async () => (await import("./commands/actions.ts")).addActionCommands },
  { names: ["deliveries"], load: async () => (await import("./commands/deliveries.ts")).addDeliveryCommands },
  { names: ["rules"], load: async () => (await import("./commands/rules.ts")).addRuleCommands },
  { names: ["deadletters"], load: async () => (await import("./commands/dead-letters.ts")).addDeadLetterCommands },
  { names: ["pictures"], load: async () => (await import("./commands/pictures.ts")).addPictureCommands },
  { names: ["export"], load: async () => (await import("./commands/export.ts")).addExport },
  { names: ["erase"], load: async () => (await import("./commands/erase.ts")).addErase },
  { names: ["follow"], load: async () => (await import("./commands/follow.ts")).addFollow },
  { names: ["check"], load: async () => (await import("./commands/check.ts")).addCheck },
  { names: ["audit"], load: async () => (await import("./commands/audit.ts")).addAuditCommands },
  { names: ["backup", "restore"], load: async () => (await import("./commands/backup.ts")).addBackupCommands },
  { names: ["doctor"], load: async () => (await import("./commands/doctor.ts")).addDoctor },
  { names: ["migrate"], load: async () => (await import("./commands/migrate.ts")).addMigrate },
  { names: ["bridge"], load: async () => (await import("./commands/bridge.ts")).addBridgeCommands },
  { names: ["backfill"], load: async () => (await import("./commands/backfill.ts")).addBackfill },
  { names: ["box"], load: async () => (await import("./commands/box.ts")).addBoxCommands },
  { names: ["terminal"], load: async () => (await import("./commands/terminal.ts")).addTerminalCommands },
  { names: ["simulate", "demo"], load: async () => (await import("./commands/simulate.ts")).addSimulate },
];

/** The fault of a call, as part of a sentence. */
const reasonIn = (text: string) =>
  sayWhy(text.trim())
    .replace(/^error: /, "")
    .replace(/\.$/, "");

const isVersion = (asked: string | undefined) => asked === "--version" || asked === "-V";

/**
 * The command line. Commands throw, and `run` prints the error once.
 *
 * @param asked the command that will be run. If there is one of that name, only its file is loaded: all of them take
 * most of the time and memory of a start
 */
export async function makeProgram(asked?: string): Promise<Command> {
  const program = new Command("gatepost")
    .description("Receives the events of face-recognition boxes.")
    .version(packageJson.version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut,
      outputError: (text, write) => write(`gatepost: ${reasonIn(text)}; see --help\n`),
    })
    .addHelpText("afterAll", exitCodes);
  const ofAsked = commandFiles.filter(
    ({ names, alias }) => asked !== undefined && (names.includes(asked) || alias === asked),
  );
  const needed = isVersion(asked) ? [] : ofAsked.length > 0 ? ofAsked : commandFiles;
  for (const { load } of needed) (await load())(program);
  return program;
}
