/** What was found, kept: the raw figures of a day in one file, and the table in README.md made from it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { MachineSpeed } from "./measure.ts";
import { type Finding, type Found, rounded } from "./row.ts";

const BEGIN = "<!-- the table: written by `npm run bench` -->";
const END = "<!-- the end of the table -->";
const DAY = /^\d{4}-\d{2}-\d{2}\.json$/;
const GIBIBYTE = 1024 ** 3;

/** A row as it is kept. */
interface Kept extends Found {
  readonly at: string;
  /** The machine's load when the row began and when it ended: figures of a busy machine say little. */
  readonly load: readonly number[];
  /** Measured before the row. */
  readonly speed: MachineSpeed;
}

/** The rows of a day, by name. */
type Day = Readonly<Record<string, Kept>>;

/** Keeps what a row found in the file of the day. */
export function keep(folder: string, name: string, found: Found, before: { load: number; speed: MachineSpeed }): void {
  const at = new Date().toISOString();
  const file = join(folder, "results", `${at.slice(0, 10)}.json`);
  const kept: Kept = { at, load: [before.load, loadavg()[0] ?? 0], speed: before.speed, ...found };
  const day: Day = { ...read(file), [name]: kept };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine: machine(), rows: day })}\n`);
}

function read(file: string): Day {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).rows : {};
}

/** The table as Markdown. */
export function table(findings: readonly Finding[]): string {
  const rows = findings.map(({ what, goal, measured, beside, met }) =>
    [what, goal, measured, met ? "met" : "**missed**", beside].join(" | "),
  );
  return ["| what | goal | measured | | beside |", "|---|---|---|---|---|", ...rows.map((row) => `| ${row} |`)].join(
    "\n",
  );
}

/** Writes the table of the newest day that has all of these rows into README.md; without such a day nothing changes. */
export function publish(folder: string, names: readonly string[]): void {
  const results = join(folder, "results");
  const days = readdirSync(results).filter((name) => DAY.test(name));
  const newest = days.sort().findLast((name) => names.every((row) => row in read(join(results, name))));
  if (newest === undefined) return;
  const day = read(join(results, newest));
  const kept = names.flatMap((name) => day[name] ?? []);
  const where = `${newest.slice(0, 10)}, ${machine()}. ${circumstances(kept)}`;
  const written = [BEGIN, "", where, "", table(kept.flatMap(({ findings }) => findings)), "", END].join("\n");
  const file = join(folder, "README.md");
  const text = readFileSync(file, "utf8");
  const [before = "", after = ""] = [text.split(BEGIN)[0], text.split(END)[1]];
  writeFileSync(file, `${before}${written}${after}`);
}

/** What else the machine did: its own load, and what a guest cannot see of the others on its host. */
function circumstances(kept: readonly Kept[]): string {
  const most = Math.max(...kept.flatMap(({ load }) => load));
  const loops = kept.map(({ speed }) => speed.loopMs);
  const stoodStill = Math.max(...kept.map(({ speed }) => speed.stoodStillMs));
  return [
    `Load up to ${most.toFixed(1)};`,
    `a fixed loop took ${rounded(Math.min(...loops))} to ${rounded(Math.max(...loops))} ms before the rows,`,
    `and a core with nothing else to do stood still for up to ${rounded(stoodStill)} ms.`,
  ].join(" ");
}

function machine(): string {
  const memory = `${Math.round(totalmem() / GIBIBYTE)} GiB`;
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  return `${availableParallelism()} cores (${model}), ${memory}, Linux ${release()}, Node ${process.versions.node}`;
}
