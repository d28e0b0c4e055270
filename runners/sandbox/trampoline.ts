/** The shell that a sandboxed command starts through: it joins its limits before anything of the command runs. */
import type { Group } from "./cgroup-limits.ts";

/** The kernel takes sandboxes before the runner when memory gets short. */
const OOM_SCORE = 500;

/** One pipe for both outputs keeps their order. Arguments up to the first `--` are the groups to join. */
const SCRIPT = `exec 2>&1
ulimit -c 0
echo ${OOM_SCORE} > /proc/self/oom_score_adj
while [ "$1" != -- ]; do echo $$ > "$1" || exit 1; shift; done
shift
exec "$@"`;

/** The arguments of `/bin/sh` that start `argv` within its limits. */
export function trampoline(argv: readonly string[], group: Group | undefined): readonly string[] {
  return ["-c", SCRIPT, "sh", ...(group?.joinFiles ?? []), "--", ...argv];
}
