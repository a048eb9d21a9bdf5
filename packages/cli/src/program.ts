import { Command } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addActionCommands } from "./commands/actions.ts";
import { addAuditCommands } from "./commands/audit.ts";
import { addBackfill } from "./commands/backfill.ts";
import { addBackupCommands } from "./commands/backup.ts";
import { addBoxCommands } from "./commands/box.ts";
import { addBoxesCommands } from "./commands/boxes.ts";
import { addBridgeCommands } from "./commands/bridge.ts";
import { addCheck } from "./commands/check.ts";
import { addDeadLetterCommands } from "./commands/dead-letters.ts";
import { addDeliveryCommands } from "./commands/deliveries.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addErase } from "./commands/erase.ts";
import { addExport } from "./commands/export.ts";
import { addKeyCommands } from "./commands/keys.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addPictureCommands } from "./commands/pictures.ts";
import { addQuarantineCommands } from "./commands/quarantine.ts";
import { addServe } from "./commands/serve.ts";
import { addSimulate } from "./commands/simulate.ts";
import { addStats } from "./commands/stats.ts";
import { addStatus } from "./commands/status.ts";
import { sayWhy } from "./failure.ts";
import { writeOut } from "./output.ts";

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 called wrongly.`;

/** The command line. Commands throw; what they throw is said once, in `run`. */
export function makeProgram(): Command {
  const program = new Command("gatepost")
    .description("Receives the events of face-recognition boxes.")
    .version(packageJson.version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut,
      outputError: (text, write) => write(`gatepost: ${sayWhy(text.trim()).replace(/^error: /, "")}; see --help\n`),
    })
    .addHelpText("afterAll", exitCodes);
  addServe(program);
  addKeyCommands(program);
  addStatus(program);
  addBoxesCommands(program);
  addStats(program);
  addQuarantineCommands(program);
  addActionCommands(program);
  addDeliveryCommands(program);
  addDeadLetterCommands(program);
  addPictureCommands(program);
  addExport(program);
  addErase(program);
  addCheck(program);
  addAuditCommands(program);
  addBackupCommands(program);
  addDoctor(program);
  addMigrate(program);
  addBridgeCommands(program);
  addBackfill(program);
  addBoxCommands(program);
  addSimulate(program);
  return program;
}
