/** `npm run check`: format, lint, types, imports, unused exports, house rules and generated documents; everything is reported, then the code's size. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { text } from "node:stream/consumers";

interface Step {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
}

const UNUSED = "--include=files,dependencies,unlisted,unresolved,exports,duplicates";
const STEPS: readonly Step[] = [
  { name: "types", command: ["tsc", "--project", "."] },
  { name: "format and lint", command: ["biome", "ci", "--colors=off", "."] },
  { name: "import levels and cycles", command: ["node", "tools/check-imports.ts"] },
  { name: "unused code", command: ["knip", UNUSED, "--no-progress", "--no-config-hints"] },
  {
    name: "code that only tests use",
    command: ["knip", "--production", "--include=exports", "--no-progress", "--no-config-hints"],
  },
  { name: "house rules", command: ["node", "tools/house-rules.ts"] },
  { name: "ARCHITECTURE.md", command: ["node", "tools/architecture-table.ts", "--check"] },
  { name: "package-lock.json", command: ["node", "tools/complete-lock.ts", "--check"] },
];

const waiting = [...STEPS];
const failed: string[] = [];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
await runStep({ name: "size", command: ["node", "tools/measure.ts"] }, true);
if (failed.length > 0) {
  console.log(`check: failed (${failed.join(", ")})`);
  process.exitCode = 1;
} else {
  console.log("check: passed");
}

async function work(): Promise<void> {
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    if (!(await runStep(step, false))) failed.push(step.name);
  }
}

async function runStep({ name, command }: Step, show: boolean): Promise<boolean> {
  const [program, ...args] = command;
  const env = { ...process.env, PATH: `node_modules/.bin:${process.env.PATH}`, NODE_V8_COVERAGE: undefined };
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (code !== 0) console.log(`not ok  ${name}\n${`${out}${errors}`.trimEnd()}`);
  else console.log(show ? out.trimEnd() : `ok      ${name}`);
  return code === 0;
}
