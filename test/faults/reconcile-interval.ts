/** How often the bot of these tests looks for what no webhook told. */

/** Often enough that a test need not wait long for it. */
export const RECONCILE_INTERVAL_MS = 3_000;
