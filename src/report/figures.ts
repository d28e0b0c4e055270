/** Numbers as people read them: tokens, dollars, durations, percent, times of day. */

const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;
const TOKENS_PER_K = 1_000;
const TOKENS_PER_M = 1_000_000;
/** Above this a decimal of thousands says nothing. */
const WHOLE_K_FROM = 100_000;
/** What is shown where nothing was measured; never 0. */
export const NOT_MEASURED = "not measured";

/** `42,900`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** `1.2 M`, `128 K`, `85.8 K`, `900`. */
export function shortTokens(tokens: number): string {
  if (tokens < TOKENS_PER_K) return count(tokens);
  if (tokens >= TOKENS_PER_M) return `${Number((tokens / TOKENS_PER_M).toFixed(1))} M`;
  const thousands = tokens / TOKENS_PER_K;
  return `${tokens >= WHOLE_K_FROM ? Math.round(thousands) : Number(thousands.toFixed(1))} K`;
}

/** `$1.38`; a cost that was not measured is said to be so. */
export function dollars(value: number | undefined): string {
  if (value === undefined) return NOT_MEASURED;
  return value > 0 && value < 0.005 ? "< $0.01" : `$${value.toFixed(2)}`;
}

/** `4.1 s`, `2 min 5 s`, `1 h 3 min`. */
export function duration(ms: number): string {
  const seconds = ms / MS_PER_SECOND;
  if (seconds < SECONDS_PER_MINUTE) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(Math.round(seconds) / SECONDS_PER_MINUTE);
  if (minutes < MINUTES_PER_HOUR) return `${minutes} min ${Math.round(seconds) % SECONDS_PER_MINUTE} s`;
  return `${Math.floor(minutes / MINUTES_PER_HOUR)} h ${minutes % MINUTES_PER_HOUR} min`;
}

/** `83.1 %`, `85 %`. */
export function percent(value: number): string {
  return `${Number(value.toFixed(1))} %`;
}

/** `14:02:31 UTC`. */
export function timeOfDay(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

/** `1 gate`, `4 gates`; the plural is the singular with an s unless given. */
export function plural(amount: number, singular: string, several = `${singular}s`): string {
  return `${count(amount)} ${amount === 1 ? singular : several}`;
}
