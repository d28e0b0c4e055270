/** The other end of a job's start in a process of its own, as a runner is: tells by the machine's clock when a job began. */
import { Worker } from "bullmq";
import { pino } from "pino";
import { createChannel } from "../runners/channel/bullmq-channel.ts";
import { createOutputLog } from "../runners/output.ts";
import { systemClock } from "../src/lib/clock.ts";
import { type InspectionResult, PROTOCOL_VERSION } from "../src/protocol/jobs.ts";
import { createConnect } from "../src/redis-connection.ts";

const NOTHING: InspectionResult = { kind: "inspection", outcome: "inspected", summary: "", integrity: [] };

const [redisUrl = "", bareQueue = ""] = process.argv.slice(2);
const log = pino({ level: "silent" });
const connect = createConnect(redisUrl, log);

function begun(): void {
  process.send?.({ begunAt: `${process.hrtime.bigint()}` });
}

const channel = createChannel({
  redis: connect(),
  status: {
    ...{ id: "bench", protocol: PROTOCOL_VERSION, labels: [], slots: 4, sandbox: "none", workspace: "none" },
    startedAt: systemClock.now(),
  },
  execute: async () => {
    begun();
    return NOTHING;
  },
  openOutput: (sink) => createOutputLog({ secrets: [], limitBytes: 1, sink }),
  log,
});
await channel.start();
await new Worker(bareQueue, async () => begun(), { connection: connect() }).waitUntilReady();
process.send?.({ begunAt: "0" });
process.on("disconnect", () => process.exit());
