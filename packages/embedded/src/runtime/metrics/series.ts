/**
 * Counters and histograms, and their text in the form of OpenMetrics 1.0. A hundred lines replace a library, which
 * would bring a registry for the whole process and numbers that no one asked for.
 */

type Labels = Readonly<Record<string, string>>;

/** Most series of one counter, so that no sender can make more and more of them. */
const maxSeries = 500;

/** A number that only rises, for each set of labels. */
export class Counter {
  readonly #name: string;
  readonly #help: string;
  readonly #series = new Map<string, number>();

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  add(labels: Labels, by = 1): void {
    const key = labelsText(labels);
    const known = this.#series.get(key);
    if (known === undefined && this.#series.size >= maxSeries) return;
    this.#series.set(key, (known ?? 0) + by);
  }

  text(): string {
    const lines = [...this.#series].map(([labels, value]) => `${this.#name}_total${labels} ${value}`);
    return [...headOf(this.#name, "counter", this.#help), ...lines].join("\n");
  }
}

/** How often something took how long, in seconds. */
export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(name: string, help: string, bounds: readonly number[] = usualBounds) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(seconds: number): void {
    const index = this.#bounds.findIndex((bound) => seconds <= bound);
    if (index >= 0) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += seconds;
    this.#count += 1;
  }

  /** Measures how long `work` takes, also if it fails. */
  async time<Result>(work: () => Promise<Result>): Promise<Result> {
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.observe((performance.now() - begun) / 1000);
    }
  }

  text(): string {
    let below = 0;
    const buckets = this.#bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0;
      return `${this.#name}_bucket{le="${bound}"} ${below}`;
    });
    return [
      ...headOf(this.#name, "histogram", this.#help),
      ...buckets,
      `${this.#name}_bucket{le="+Inf"} ${this.#count}`,
      `${this.#name}_sum ${this.#sum}`,
      `${this.#name}_count ${this.#count}`,
    ].join("\n");
  }
}

const usualBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The text of a present value for each set of labels. */
export function gaugeText(name: string, help: string, values: readonly (readonly [Labels, number])[]): string {
  return [
    ...headOf(name, "gauge", help),
    ...values.map(([labels, value]) => `${name}${labelsText(labels)} ${value}`),
  ].join("\n");
}

function headOf(name: string, type: string, help: string): string[] {
  return [`# TYPE ${name} ${type}`, `# HELP ${name} ${help}`];
}

function labelsText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function escaped(value: string): string {
  if (!/["\\\n]/.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
