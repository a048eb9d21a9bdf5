import { changing, type Mistake, replacing } from "./mistake.ts";

const noted = "a deployment notes its settings and its commit, to be compared with the next";

export const deployedMistakes: Mistake[] = [
  {
    mistake: "a stage notes its settings where another stage does",
    caughtBy: noted,
    make: changing("ssm/parameter:Parameter", "Deployed", (inputs) => {
      inputs["name"] = "/gatepost/deployed";
    }),
  },
  {
    mistake: "a deployment does not note its domain",
    caughtBy: noted,
    make: replacing("ssm/parameter:Parameter", "Deployed", '\\"domain\\":', '\\"url\\":'),
  },
];
