/*
 * What the environment of a deploy may set. sst.config.ts reads some of it before anything of SST is there, so that this
 * file uses nothing of it. A variable that cannot be read stops the deploy: to take it for none would be a surprise.
 */

/** The accounts that may be deployed to, as GATEPOST_ACCOUNT_IDS names them; undefined where it names none. */
export function allowedAccounts(named: string | undefined): string[] | undefined {
  if (isEmpty(named)) return undefined;
  const ids = named.split(",").map((id) => id.trim());
  const wrong = ids.find((id) => !/^\d{12}$/.test(id));
  if (wrong !== undefined) throw new Error(`GATEPOST_ACCOUNT_IDS: "${wrong}" is not the id of an account, 12 digits`);
  return ids;
}

/** Instances that a function may have at most, and that are kept for it, by its file: GATEPOST_RESERVED="api=50,any-event=20". */
export function reservedConcurrency(
  named: string | undefined,
  files: readonly string[],
): Partial<Record<string, number>> {
  if (isEmpty(named)) return {};
  const entries = named.split(",").map((entry) => {
    const [, file = "", count] = /^([\w-]+)=(\d{1,5})$/.exec(entry.trim()) ?? [];
    if (files.includes(file)) return [file, Number(count)] as const;
    throw new Error(
      `GATEPOST_RESERVED: "${entry}" is not a function and a number, as api=50; functions: ${files.join(", ")}`,
    );
  });
  return Object.fromEntries(entries);
}

/** US dollars a month, as GATEPOST_BUDGET_USD says; undefined where it says none. */
export function budgetOf(named: string | undefined, email: string | undefined): string | undefined {
  if (isEmpty(named)) return undefined;
  if (!/^[1-9]\d{0,7}$/.test(named)) throw new Error(`GATEPOST_BUDGET_USD: "${named}" is not a number of dollars`);
  if (isEmpty(email)) throw new Error("GATEPOST_BUDGET_USD needs GATEPOST_ALARM_EMAIL, else nobody is told");
  return named;
}

/** Whether a variable asks for something: "1", or "0" and nothing where it does not. */
export function isAskedFor(variable: string, named: string | undefined): boolean {
  if (isEmpty(named) || named === "0") return false;
  if (named === "1") return true;
  throw new Error(`${variable}: "${named}" is neither 0 nor 1`);
}

function isEmpty(named: string | undefined): named is undefined | "" {
  return named === undefined || named.trim() === "";
}
