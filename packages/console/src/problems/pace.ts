const everyMs = 30_000;

/** ms until a list is asked for again: as often for each part of it that the server reads at once. */
export const paceOf = (rows: number, batchSize: number) => everyMs * Math.max(1, Math.ceil(rows / batchSize));

export const totalOf = (counted: readonly { count: number }[]) => counted.reduce((sum, { count }) => sum + count, 0);
