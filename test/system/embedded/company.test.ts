import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { company } from "../blackbox/company.ts";
import { oneMachine } from "./one-machine.ts";

company(
  "one machine",
  async ({ issuer, client: { id, secret } }) => {
    const folder = await temporaryFolder();
    const file = join(folder.path, "secret");
    await writeFile(file, secret);
    const options = ["--oidc-issuer", issuer, "--oidc-client-id", id, "--oidc-client-secret-file", file];
    const running = await oneMachine(options);
    await folder.remove();
    return running;
  },
  { isHttps: false },
);
