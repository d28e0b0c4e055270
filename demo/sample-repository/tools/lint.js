import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const rules = [
  [/\bvar\b/, "use const or let instead of var"],
  [/\bconsole\./, "a library does not print"],
  [/[ \t]+$/, "trailing white space"],
];

let found = 0;
for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    for (const [index, line] of readFileSync(path, "utf8").split("\n").entries()) {
      for (const [pattern, message] of rules) {
        if (!pattern.test(line)) continue;
        process.stdout.write(`${path}:${index + 1}: ${message}\n`);
        found += 1;
      }
    }
  }
}
process.exitCode = found === 0 ? 0 : 1;
