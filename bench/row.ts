/** A row of the table: what is measured, and how a figure is held against its goal. */

/** One figure beside its limit. */
export interface Finding {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  /** What the figure was measured against in the same run. */
  readonly beside: string;
  readonly met: boolean;
}

/** What a row found, with all samples. */
export interface Found {
  readonly findings: readonly Finding[];
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A measurement; everything that it starts has ended when it resolves. */
export type Row = () => Promise<Found>;

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly unit?: string;
  readonly beside: string;
}

/** A figure that must not be larger than its limit. */
export function atMost({ what, value, limit, unit = "", beside }: Figure): Finding {
  return { what, goal: `≤ ${limit}${unit}`, measured: `${rounded(value)}${unit}`, beside, met: value <= limit };
}

/** A figure that must not be smaller than its limit. */
export function atLeast({ what, value, limit, unit = "", beside }: Figure): Finding {
  return { what, goal: `≥ ${limit}${unit}`, measured: `${rounded(value)}${unit}`, beside, met: value >= limit };
}

/** A number as people read it: three digits that count. */
export function rounded(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return Number(value.toFixed(digits)).toLocaleString("en-US");
}
