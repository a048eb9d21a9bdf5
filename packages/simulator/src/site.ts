import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import type { Device, Passing } from "./passing.ts";
import { type Person, registered, stranger } from "./people.ts";
import { type Random, seededFor, uuid, whole } from "./random.ts";

export interface SiteOptions {
  seed: number;
  box: string;
  devices: number;
  /** How often a stranger passes, 0 to 1. */
  strangers: number;
  /** How often a stranger who can be registered asks to be, and a known person for a new photo. */
  actions: number;
  faults: Faults;
  clock: Clock;
  /** The number of the first passing: a box with a memory continues its numbers. */
  firstNumber?: number;
}

const licence = "ZKZCPI0001";

/** The site of one box: its cameras and the people who pass them. All of it follows from the seed. */
export class Site {
  readonly devices: readonly [Device, ...Device[]];
  readonly #options: SiteOptions;
  readonly #random: Random;
  readonly #people: readonly [Person, ...Person[]];
  readonly #serial: string;
  #number: number;

  constructor(options: SiteOptions) {
    this.#options = options;
    const random = seededFor(options.seed, options.box);
    const net = whole(1, 250, random);
    const device = (index: number): Device => ({
      id: uuid(random),
      ip: `192.168.${net}.${60 + index}`,
      name: `entrance ${index + 1}`,
      type: index % 2 === 0 ? "0" : "3",
    });
    this.devices = [device(0), ...Array.from({ length: options.devices - 1 }, (_, index) => device(index + 1))];
    // A registered person is registered at all boxes of a place: an id is the same person everywhere.
    this.#people = registered(40, seededFor(options.seed, "people"));
    this.#serial = `${licence}${20190807142600 + whole(0, 60, random)}`;
    this.#number = options.firstNumber ?? 0;
    this.#random = random;
  }

  /** A person passes, now. */
  next(): Passing {
    return this.#passing(this.#random() < this.#options.strangers, this.#random() < this.#options.actions);
  }

  /** A registered person passes now. The pictures are good, and the box asks for nothing. */
  nextKnown(): Passing {
    return { ...this.#passing(false, false), isRegistrable: true };
  }

  /** A stranger passes who should be registered, now. */
  nextStranger(): Passing {
    return { ...this.#passing(true, true), isRegistrable: true };
  }

  /** Who is registered here. */
  get people(): readonly Person[] {
    return this.#people;
  }

  /** A person with this face passes, now, and is not recognised yet. */
  passingOf(look: number, deviceIp: string | null = null): Passing {
    const passing = this.#passing(true, false);
    const device = this.devices.find(({ ip }) => ip === deviceIp) ?? this.devices[0];
    return { ...passing, device, person: { ...passing.person, look } };
  }

  #passing(isStranger: boolean, wantsAction: boolean): Passing {
    const { box, clock, faults } = this.#options;
    const random = this.#random;
    const at = clock.now() + faults.skew();
    const person = isStranger ? stranger(at, random) : this.#people[whole(0, this.#people.length, random)];
    return {
      number: this.#number++,
      box,
      serial: this.#serial,
      device: this.devices[whole(0, this.devices.length, random)] ?? this.devices[0],
      person: person ?? this.#people[0],
      at,
      score: isStranger ? 0.1 + random() * 0.4 : 0.82 + random() * 0.17,
      wantAction: wantsAction ? (isStranger ? "1001" : "1002") : "0",
      isRegistrable: random() < 0.9,
    };
  }
}
