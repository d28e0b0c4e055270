/** The bot as a program, which looks often for what no webhook told. */
import { runBot } from "../../src/run-bot.ts";
import { RECONCILE_INTERVAL_MS } from "./reconcile-interval.ts";

await runBot(process.env, { reconcileIntervalMs: RECONCILE_INTERVAL_MS });
