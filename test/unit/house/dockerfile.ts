/** One instruction of a Dockerfile, with what it continues on the next lines. */
export interface Instruction {
  name: string;
  value: string;
}

export function instructionsOf(text: string): Instruction[] {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*(?:#|$)/.test(line))
    .join("\n")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n");
  return lines.map((line) => {
    const [, name = "", value = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return { name, value };
  });
}

interface Rule {
  says: string;
  isBroken(instructions: readonly Instruction[]): boolean;
}

const valuesOf = (instructions: readonly Instruction[], name: string) =>
  instructions.filter((one) => one.name === name).map(({ value }) => value);

/** The instructions of the last stage: that is what runs. */
function lastStage(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
}

/** Only these, written in capitals. */
const known = new Set([
  ..."FROM WORKDIR COPY RUN USER VOLUME EXPOSE STOPSIGNAL ENV HEALTHCHECK ENTRYPOINT CMD ARG LABEL".split(" "),
]);

const isListOfTexts = (value: string): boolean => {
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) && list.every((one) => typeof one === "string");
  } catch {
    return false;
  }
};

const rules: readonly Rule[] = [
  { says: "an instruction is unknown", isBroken: (all) => all.some(({ name }) => !known.has(name)) },
  {
    says: "an image has no exact version",
    isBroken: (all) =>
      valuesOf(all, "FROM").some(
        (value) => !/^(?:--platform=\S+ )?[\w./-]+:\d+\.\d+\.\d+[\w.-]*(?: AS \w+)?$/.test(value),
      ),
  },
  {
    says: "what runs is root",
    isBroken: (all) => !/^[1-9]\d{3,}(?::[1-9]\d{3,})?$/.test(valuesOf(lastStage(all), "USER").at(-1) ?? "root"),
  },
  {
    says: "the program is started by a shell, which hears the signals instead of it",
    isBroken: (all) => {
      const started = ["ENTRYPOINT", "CMD"].flatMap((name) => valuesOf(lastStage(all), name));
      return started.length === 0 || !started.every(isListOfTexts);
    },
  },
  {
    says: "nobody can see whether it is well",
    isBroken: (all) =>
      !valuesOf(lastStage(all), "HEALTHCHECK").some((value) => isListOfTexts(value.replace(/^.*?CMD /, ""))),
  },
  {
    says: "something is loaded from elsewhere than a registry of packages",
    isBroken: (all) => valuesOf(all, "RUN").some((value) => /\b(?:curl|wget)\b|https?:/.test(value)),
  },
  {
    says: "packages of the system are installed without a version list that is fresh and gone again",
    isBroken: (all) =>
      valuesOf(all, "RUN").some(
        (value) => /apt-get install/.test(value) && !/apt-get update.*rm -rf \/var\/lib\/apt\/lists/.test(value),
      ),
  },
  {
    says: "a path is relative to where nobody knows",
    isBroken: (all) => valuesOf(all, "WORKDIR").some((value) => !value.startsWith("/")),
  },
  {
    says: "a key is in it",
    isBroken: (all) =>
      all.some(({ name, value }) => /^(?:ENV|ARG)$/.test(name) && /token|secret|password|key/i.test(value)),
  },
];

/** The faults of a Dockerfile. */
export function faultsOf(text: string): string[] {
  const instructions = instructionsOf(text);
  return rules.filter(({ isBroken }) => isBroken(instructions)).map(({ says }) => says);
}
