/** A runner in a process of its own: its configuration as JSON, the address of Redis, and the PATH of its programs. */
import { pino } from "pino";
import { startRunner } from "../runners/runner.ts";
import type { RunnerConfig } from "../runners/runner-config.ts";
import { systemClock } from "../src/lib/clock.ts";
import { createConnect } from "../src/redis-connection.ts";

const [config = "", redisUrl = "", path = ""] = process.argv.slice(2);
const log = pino({ level: "silent" });
const connect = createConnect(redisUrl, log);
const own: RunnerConfig = JSON.parse(config);
const runner = await startRunner({ config: own, path, connect, clock: systemClock, log });
process.once("disconnect", () => runner.stop());
process.send?.("ready");
