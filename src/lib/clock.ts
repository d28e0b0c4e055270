/** Time as a dependency: rules take a clock, only the wiring hands in the real one. */

/** Milliseconds since 1970. */
export interface Clock {
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
