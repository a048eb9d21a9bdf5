import { onAws } from "@gatepost/aws";
import { readsOnAws } from "@gatepost/aws/reads";

const { eraser } = readsOnAws(onAws());

export const handler = (): Promise<number> => eraser.finish();
