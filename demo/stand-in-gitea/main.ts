/** The stand-in as a program: `node demo/stand-in-gitea/main.ts --folder <folder> [--port <n>] [--data <file>]`; state is kept in the folder. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Failure, FailureOptions } from "./faults.ts";
import { applySeedData, SeedData } from "./seed-data.ts";
import { createStandInGitea } from "./stand-in-gitea.ts";

/** How calls fail when they are made to: with or without an effect, or with no answer at all. */
const KINDS_OF_FAILURE: readonly (readonly [Failure, FailureOptions])[] = [
  [{ status: 500 }, {}],
  [{ status: 502 }, { afterActing: true }],
  [{ status: 429, headers: { "retry-after": "1" } }, {}],
  ["hang", {}],
  ["hang", { afterActing: true }],
];
/** Which calls fail: those of the API, or git's own. */
const FAILING = { api: /^\/api\/v1\//, git: /\.git\// };

const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    data: { type: "string" },
    seed: { type: "string" },
    "delivery-delay-ms": { type: "string", default: "0-2000" },
    "fail-share": { type: "string", default: "0" },
    "fail-calls": { type: "string", default: "api" },
  },
});
if (values.folder === undefined) throw new Error("--folder is needed: where the repositories and the state are kept");

const [least = 0, most = least] = values["delivery-delay-ms"].split("-").map(Number);
const standIn = await createStandInGitea({
  folder: values.folder,
  host: values.host,
  port: Number(values.port),
  deliveryDelayMs: [least, most],
  keepState: true,
  ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
});
const data = values.data === undefined ? {} : JSON.parse(readFileSync(values.data, "utf8"));
const tokens = await applySeedData(standIn, SeedData.parse(data));
// One line that another program can read.
console.log(JSON.stringify({ url: standIn.url, seed: standIn.seed, tokens }));

let failing = false;
// Every kind of failure has its part of the share; SIGUSR2 begins and ends all of them.
process.on("SIGUSR2", () => {
  failing = !failing;
  standIn.faults.clear();
  const share = failing ? Number(values["fail-share"]) / KINDS_OF_FAILURE.length : 0;
  const path = values["fail-calls"] === "git" ? FAILING.git : FAILING.api;
  // Each kind is drawn among the calls that those before it left alone.
  for (const [index, [failure, options]] of KINDS_OF_FAILURE.entries())
    standIn.faults.failShare(share / (1 - index * share), failure, { ...options, match: { path } });
});
standIn.faults.onFailure((injected) => console.log(JSON.stringify({ injected })));

/** How many deliveries arrived, by the id of their hook. */
function delivered(): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { hookId, outcome } of standIn.deliveries()) {
    if (outcome === "delivered") counts[hookId] = (counts[hookId] ?? 0) + 1;
  }
  return counts;
}

async function end(): Promise<void> {
  console.log(JSON.stringify({ delivered: delivered() }));
  await standIn.close();
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void end());
