/** `npm run bench [-- <row>…]`: measures rows beside their limits, prints the table, keeps the raw figures, and renews README.md's table. */
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { advanceAtScale } from "./advance-at-scale.ts";
import { botMemory } from "./bot-memory.ts";
import { cancel } from "./cancel.ts";
import { gatesInParallel } from "./gates-in-parallel.ts";
import { jobStart } from "./job-start.ts";
import { machineSpeed } from "./measure.ts";
import { keep, publish, table } from "./report.ts";
import type { Finding, Row } from "./row.ts";
import { runnerLoss } from "./runner-loss.ts";
import { sandboxStart } from "./sandbox-start.ts";
import { slotPacking } from "./slot-packing.ts";
import { statusLatency } from "./status-latency.ts";
import { warmWorkspace } from "./warm-workspace.ts";
import { webhook } from "./webhook.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** In the order of the table; each is one file of that name. */
const ROWS: Readonly<Record<string, Row>> = {
  webhook,
  "gates-in-parallel": gatesInParallel,
  "status-latency": statusLatency,
  "slot-packing": slotPacking,
  "sandbox-start": sandboxStart,
  "warm-workspace": warmWorkspace,
  "job-start": jobStart,
  cancel,
  "runner-loss": runnerLoss,
  "advance-at-scale": advanceAtScale,
  "bot-memory": botMemory,
};

const names = Object.keys(ROWS);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(", ")}. There are: ${names.join(", ")}`);
const findings: Finding[] = [];
for (const [name, row] of Object.entries(ROWS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.error(`measuring ${name}`);
  const before = { load: loadavg()[0] ?? 0, speed: machineSpeed() };
  const found = await row();
  keep(FOLDER, name, found, before);
  findings.push(...found.findings);
}
console.log(table(findings));
publish(FOLDER, names);
