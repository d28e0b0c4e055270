/** The control of what an agent plants for git: outside of a sandbox, every one of its programs runs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Plants, with the folder in which every program that is run leaves a file of its name. */
export const PLANT = fileURLToPath(new URL("hostile-agent/bin/plant", import.meta.url));

/** What is planted, each by the file it leaves. */
export const PLANTED = ["clean", "credential", "fsmonitor", "hook", "smudge", "ssh", "submodule", "textconv"];

/** What git does every day, each asking for another of the planted programs. Those that fail have run it nevertheless. */
const EVERY_DAY = `
git init -q .
git -c user.name=a -c user.email=a commit -qm start --allow-empty
sh "$1" "$2"
git add -A
git -c user.name=a -c user.email=a commit -qm x
rm filtered.txt
git checkout -- filtered.txt
echo changed >> filtered.txt
git diff --textconv
git fetch origin
printf 'protocol=https\\nhost=x.invalid\\n\\n' | GIT_TERMINAL_PROMPT=0 git credential fill
git -c protocol.ext.allow=always submodule update --init
true
`;

/** Plants in a repository of its own, lets git do all of it, and gives the names of the files that this left, which it removes. */
export function plantOutside(canary: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "steward-control-"));
  try {
    execFileSync("sh", ["-c", EVERY_DAY, "sh", PLANT, canary], { cwd: folder, stdio: "ignore" });
    return readdirSync(canary).sort();
  } finally {
    for (const file of readdirSync(canary)) rmSync(join(canary, file));
    rmSync(folder, { recursive: true });
  }
}
