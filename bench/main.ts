/** `npm run bench [-- <row>…]`: measures every row beside its limit, prints the table, and keeps the raw figures. */

import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { advanceAtScale } from "./advance-at-scale.ts";
import { botMemory } from "./bot-memory.ts";
import { cancel } from "./cancel.ts";
import { gatesInParallel } from "./gates-in-parallel.ts";
import { jobStart } from "./job-start.ts";
import type { Finding, Row } from "./row.ts";
import { runnerLoss } from "./runner-loss.ts";
import { sandboxStart } from "./sandbox-start.ts";
import { slotPacking } from "./slot-packing.ts";
import { statusLatency } from "./status-latency.ts";
import { warmWorkspace } from "./warm-workspace.ts";
import { webhook } from "./webhook.ts";

const ROWS: Readonly<Record<string, Row>> = {
  webhook,
  "gates-in-parallel": gatesInParallel,
  "slot-packing": slotPacking,
  "advance-at-scale": advanceAtScale,
  "status-latency": statusLatency,
  cancel,
  "runner-loss": runnerLoss,
  "bot-memory": botMemory,
  "job-start": jobStart,
  "sandbox-start": sandboxStart,
  "warm-workspace": warmWorkspace,
};

const RESULTS = new URL("./results/", import.meta.url);

/** A row as one line of a Markdown table. */
function line({ what, goal, measured, beside, met }: Finding): string {
  return `| ${what} | ${goal} | ${measured} | ${beside} | ${met ? "met" : "missed"} |`;
}

const asked = process.argv.slice(2);
const raw: Record<string, unknown> = {};
console.log("| what | goal | measured | beside | |\n|:--|:--|:--|:--|:--|");
for (const [name, row] of Object.entries(ROWS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const found = await row();
  raw[name] = found;
  for (const finding of found.findings) console.log(line(finding));
}
await mkdir(RESULTS, { recursive: true });
const file = new URL(`${new Date().toISOString().replaceAll(":", "-")}.json`, RESULTS);
await writeFile(file, `${JSON.stringify(raw, undefined, 1)}\n`);
console.log(`\nraw figures: ${fileURLToPath(file)}`);
