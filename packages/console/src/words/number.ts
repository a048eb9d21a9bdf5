export const enNumber = (value: number) => value.toLocaleString("en");
export const zhNumber = (value: number) => value.toLocaleString("zh-CN");

/** A number and its noun, in English. */
export const plural = (count: number, one: string, many: string) => `${enNumber(count)} ${count === 1 ? one : many}`;
