import { makeProgram } from "../../packages/cli/src/program.ts";
import { describedSetting, overrides, settingNames } from "../../stacks/settings.ts";
import { dataFiles, variables } from "./tables.ts";

type Command = Awaited<ReturnType<typeof makeProgram>>;
type Option = Command["options"][number];
type Argument = Command["registeredArguments"][number];

/** The words of the page around its generated tables. The descriptions of the program are in English alone. */
interface Words {
  head: string;
  other: string;
  about: string;
  commands: string;
  commandsAbout: string;
  common: string;
  commonAbout: string;
  also: string;
  argument: string;
  option: string;
  meaning: string;
  files: string;
  file: string;
  variables: string;
  variable: string;
  where: string;
  settings: string;
  settingsAbout: string;
  setting: string;
  further: string;
  furtherAbout: string;
}

export const english: Words = {
  head: "# Reference",
  other: "中文：[参考](reference.zh-CN.md)",
  about: "Written by `npm run reference`; commands and options are from the code.",
  commands: "## Commands",
  commandsAbout: "`gatepost COMMAND --help` prints the same.",
  common: "### Common options",
  commonAbout: "Options of several commands, which name them as “also”.",
  also: "also",
  argument: "argument",
  option: "option",
  meaning: "meaning",
  files: "## Files of the data folder",
  file: "file",
  variables: "## Environment variables",
  variable: "variable",
  where: "read by",
  settings: "## Settings of a deployment on AWS",
  settingsAbout: "In `stages.json`, by the name of a stage: [on AWS](aws.md#settings). A variable replaces a setting.",
  setting: "setting",
  further: "## Configuration files",
  furtherAbout:
    "`rules.json`: [rules of the bus](bus.md#a-rule) and [alerts](alerts.md). `bridge.yaml`: [the file of a bridge](bridge.md#its-file). Routes and schemas of the API: `/docs` and `/openapi.json` of a running server.",
};

export const chinese: Words = {
  head: "# 参考",
  other: "English: [Reference](reference.md)",
  about: "由 `npm run reference` 生成；命令和选项取自代码，说明文字与程序一致，只有英文。",
  commands: "## 命令",
  commandsAbout: "`gatepost COMMAND --help` 打印同样的内容。",
  common: "### 通用选项",
  commonAbout: "多个命令共有的选项，各命令在“另有”中列出。",
  also: "另有",
  argument: "参数",
  option: "选项",
  meaning: "含义",
  files: "## 数据文件夹里的文件",
  file: "文件",
  variables: "## 环境变量",
  variable: "变量",
  where: "由谁读取",
  settings: "## 在 AWS 上部署的设置",
  settingsAbout: "写在 `stages.json` 里各阶段的名字之下：[在 AWS 上](aws.zh-CN.md#设置)。变量会替换对应的设置。",
  setting: "设置",
  further: "## 配置文件",
  furtherAbout:
    "`rules.json`：[总线的规则](bus.zh-CN.md#规则)和[提醒](alerts.zh-CN.md)。`bridge.yaml`：[网桥的配置文件](bridge.zh-CN.md#配置文件)。API 的路由和模式：运行中服务的 `/docs` 和 `/openapi.json`。",
};

/** The reference page: every command with its options, the files, and the environment variables. */
export async function referencePage(words: Words): Promise<string> {
  const commands = commandsOf(await makeProgram(), "");
  const common = commonOptions(commands.map(([, command]) => command));
  const blocks = [
    ...[words.head, words.other, words.about, words.commands, words.commandsAbout],
    ...[words.common, words.commonAbout, table([words.option, words.meaning], common)],
    ...commands.flatMap(([path, command]) => describeCommand(path, command, common, words)),
    ...[words.files, table([words.file, words.meaning], dataFiles)],
    ...[words.variables, table([words.variable, words.where, words.meaning], variables)],
    ...[words.settings, words.settingsAbout, table([words.setting, words.variable, words.meaning], settings())],
    ...[words.further, words.furtherAbout],
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** The settings of a stage, with the variables that replace them. */
function settings(): string[][] {
  return settingNames.map((setting) => {
    const [variable] = overrides.find(([, name]) => name === setting) ?? [];
    return [code(setting), variable === undefined ? "" : code(variable), cell(describedSetting(setting))];
  });
}

/** The commands that do something, with their full names, in the order of the help. */
function commandsOf(parent: Command, path: string): [path: string, command: Command][] {
  return parent.commands.flatMap((command) => {
    const name = `${path} ${command.name()}`.trim();
    return command.commands.length === 0 ? [[name, command]] : commandsOf(command, name);
  });
}

/** The rows of options that at least three commands have with the same meaning, and whose name has no other one. */
function commonOptions(commands: readonly Command[]): string[][] {
  const rows = commands.flatMap(optionRows);
  const times = (row: string[]) => rows.filter((other) => other.join() === row.join()).length;
  const common = [...new Map(rows.filter((row) => times(row) > 2).map((row) => [row.join(), row])).values()];
  return common.filter((row) => common.filter((other) => nameIn(other) === nameIn(row)).length === 1);
}

const nameIn = ([flags = ""]: readonly string[]) => flags.replaceAll("`", "").split(" ", 1).join();

function optionRows(command: Command): string[][] {
  return command.options
    .filter(({ hidden }) => !hidden)
    .map((option) => [code(option.flags), cell(describeOption(option))]);
}

function describeCommand(path: string, command: Command, common: readonly string[][], words: Words): string[] {
  const isCommon = (row: string[]) => common.some((other) => other.join() === row.join());
  const options = optionRows(command);
  const rows = [
    ...command.registeredArguments.map((argument) => [code(argumentOf(argument)), cell(argument.description)]),
    ...options.filter((row) => !isCommon(row)),
  ];
  const shared = options.filter(isCommon).map((row) => code(nameIn(row)));
  const about = cell(command.description());
  const heads = [`${words.argument} · ${words.option}`, words.meaning];
  return [
    `### ${path}`,
    about === "" ? code(path) : about,
    ...(rows.length === 0 ? [] : [table(heads, rows)]),
    ...(shared.length === 0 ? [] : [`${words.also} ${shared.join(" ")}`]),
  ];
}

function argumentOf(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}…` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

function describeOption({ description, defaultValue, defaultValueDescription }: Option): string {
  const usual = defaultValueDescription ?? (["number", "string"].includes(typeof defaultValue) ? defaultValue : null);
  return usual === null || usual === "" ? description : `${description} (${usual})`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), `|${heads.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

const cell = (text: string) =>
  text
    .replaceAll("|", "\\|")
    .replaceAll(/\s*\n\s*/g, " ")
    .trim();

const code = (text: string) => `\`${cell(text)}\``;
