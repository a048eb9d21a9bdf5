import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const version = "5.2.5";

export const repository = join(import.meta.dirname, "../../../..");

const environment = join(repository, "node_modules/.cache/moto", version);

/** A program of moto's environment. */
export function programOfMoto(name: "moto_server" | "python"): string {
  return join(environment, "bin", name);
}

/** Installs moto beside the modules, once. Why it cannot be had, or null. */
export function installMoto(): string | null {
  if (existsSync(programOfMoto("moto_server"))) return null;
  mkdirSync(environment, { recursive: true });
  const made = spawnSync("/usr/bin/python3", ["-m", "venv", environment], { encoding: "utf8" });
  if (made.status !== 0) return `no virtual environment: ${lastLine(made.stderr)}`;
  const pip = ["install", "--quiet", "--disable-pip-version-check", `moto[server]==${version}`];
  const installed = spawnSync(join(environment, "bin/pip"), pip, { encoding: "utf8" });
  return installed.status === 0 ? null : `PyPI: ${lastLine(installed.stderr)}`;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
