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
  { names: ["serve"], alias: "start", load: async () => (await import("./runtime/serve.ts")).addServe },
  { names: ["accounts"], load: async () => (await import("./accounts/accounts.ts")).addAccountCommands },
  { names: ["sign-in"], load: async () => (await import("./accounts/sign-in.ts")).addSignIn },
  {
    names: ["keys"],
    load: async () => {
      const [{ addKeyCommands }, { addMoveKeys }] = await Promise.all([
        import("./keys/keys.ts"),
        import("./imports/move-keys.ts"),
      ]);
      return (program) => addKeyCommands(program, addMoveKeys);
    },
  },
  { names: ["status"], load: async () => (await import("./health/status-command.ts")).addStatus },
  { names: ["boxes"], load: async () => (await import("./boxes/boxes.ts")).addBoxesCommands },
  { names: ["stats"], load: async () => (await import("./statistics/stats.ts")).addStats },
  { names: ["events"], load: async () => (await import("./events/events.ts")).addEventCommands },
  { names: ["quarantine"], load: async () => (await import("./quarantine/quarantine.ts")).addQuarantineCommands },
  { names: ["mappings"], load: async () => (await import("./mappings/mappings.ts")).addMappingCommands },
  { names: ["sources"], load: async () => (await import("./sources/sources.ts")).addSourceCommands },
  { names: ["actions"], load: async () => (await import("./acting/actions.ts")).addActionCommands },
  { names: ["deliveries"], load: async () => (await import("./deliveries/deliveries.ts")).addDeliveryCommands },
  { names: ["rules"], load: async () => (await import("./rules/rules.ts")).addRuleCommands },
  { names: ["deadletters"], load: async () => (await import("./deliveries/dead-letters.ts")).addDeadLetterCommands },
  { names: ["pictures"], load: async () => (await import("./pictures/pictures.ts")).addPictureCommands },
  { names: ["export"], load: async () => (await import("./exports/export.ts")).addExport },
  { names: ["erase"], load: async () => (await import("./erasure/erase.ts")).addErase },
  { names: ["follow"], load: async () => (await import("./live/follow.ts")).addFollow },
  { names: ["check"], load: async () => (await import("./health/check-command.ts")).addCheck },
  { names: ["audit"], load: async () => (await import("./audit/audit.ts")).addAuditCommands },
  { names: ["backup", "restore"], load: async () => (await import("./backup/backup.ts")).addBackupCommands },
  { names: ["doctor"], load: async () => (await import("./backup/doctor/doctor.ts")).addDoctor },
  { names: ["migrate"], load: async () => (await import("./imports/command.ts")).addMigrate },
  { names: ["bridge"], load: async () => (await import("./bridge/bridge.ts")).addBridgeCommands },
  { names: ["backfill"], load: async () => (await import("./bridge/backfill.ts")).addBackfill },
  { names: ["box"], load: async () => (await import("./bridge/box.ts")).addBoxCommands },
  { names: ["terminal"], load: async () => (await import("./terminals/terminal.ts")).addTerminalCommands },
  { names: ["simulate", "demo"], load: async () => (await import("./simulator/simulate.ts")).addSimulate },
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
