import { join } from "node:path";
import { Gate, type GateOptions, type Version } from "@gatepost/simulator";
import { freePort } from "../../standins/listen.ts";
import type { Client } from "../../support/client.ts";
import { album, atEnd } from "../../unit/simulator/support.ts";

/** A simulated box with people that is cut off, and restarts with the data on its disk. */
export class RestartedGate {
  readonly name: string;
  readonly token: string;
  readonly #options: GateOptions & { port: number };
  readonly #capacity: number;
  #gate: Gate | null = null;

  private constructor(
    options: GateOptions & { port: number },
    { token, capacity }: { token: string; capacity: number },
  ) {
    this.name = options.name;
    this.token = token;
    this.#options = options;
    this.#capacity = capacity;
  }

  static async open(
    client: Client,
    { name, version, folder, capacity }: { name: string; version: Version; folder: string; capacity: number },
  ): Promise<RestartedGate> {
    const { token } = await client.createKey(name);
    const where = {
      url: new URL(`${client.url}/${token}`),
      file: join(folder, `${name}.json`),
      port: await freePort(),
    };
    const gate = new RestartedGate({ name, version, seed: 1, album, ...where }, { token, capacity });
    await gate.start();
    atEnd(() => gate.stop());
    return gate;
  }

  /** What the file of a bridge has of it. */
  get inFile() {
    return { name: this.name, token: this.token, people: { host: "127.0.0.1", port: this.#options.port } };
  }

  async start(): Promise<void> {
    this.#gate = await Gate.open(this.#options);
    this.#gate.library.settings.capacity = this.#capacity;
  }

  async stop(): Promise<void> {
    await this.#gate?.close();
    this.#gate = null;
  }

  stranger(): void {
    this.#gate?.stranger();
  }

  /** The faces of all registered people of that name. */
  facesOf(name: string): number[] {
    const people = this.#gate?.library.all() ?? [];
    return people.filter((person) => person.name === name).map(({ faces }) => faces.length);
  }
}
