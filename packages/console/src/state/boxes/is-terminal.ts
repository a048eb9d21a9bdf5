import type { Box } from "@gatepost/client";

/** The beginnings of the dialects of other makers' terminals. */
const terminals = /^(hikvision|dahua|uniview|zkteco)/;

/** Whether a box is a terminal of another maker. Some of these send times without a zone. */
export const isTerminal = ({ kinds }: Pick<Box, "kinds">) => kinds.some(({ dialect }) => terminals.test(dialect ?? ""));
