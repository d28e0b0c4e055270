/** The stand-in as a program: `node demo/stand-in-gitea/main.ts --folder <folder> [--port <n>] [--data <file>]`; state is kept in the folder. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { applySeedData, SeedData } from "./seed-data.ts";
import { createStandInGitea } from "./stand-in-gitea.ts";

const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    data: { type: "string" },
    seed: { type: "string" },
    "delivery-delay-ms": { type: "string", default: "0-2000" },
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

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void standIn.close());
