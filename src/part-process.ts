/** How a part of Steward is started as a process of its own, so that it stays small. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMPILE_AHEAD = fileURLToPath(new URL("./compile-ahead.ts", import.meta.url));

/** Mebibytes of V8's young generation: a part waits for most of its life, and what it throws away needs little room. */
const YOUNG_MEBIBYTES = 2;

/** Heaps of the C library besides: it would make one for each of Node's threads, which need little of it. */
const ARENAS = "2";

/** Node's options and environment for one part. */
export interface PartProcess {
  readonly execArgv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** With what was compiled kept in the data folder, the compiler of TypeScript is not loaded at all. Not where lines are counted. */
export function partProcess(dataFolder: string, variables: NodeJS.ProcessEnv): PartProcess {
  const cache = variables.NODE_V8_COVERAGE === undefined ? { NODE_COMPILE_CACHE: join(dataFolder, "compiled") } : {};
  return {
    execArgv: [`--max-semi-space-size=${YOUNG_MEBIBYTES}`],
    env: { MALLOC_ARENA_MAX: ARENAS, ...cache, ...variables },
  };
}

/** Keeps what is compiled, in a process that ends, so that already the first start of a part finds it. */
export async function compileAhead({ execArgv, env }: PartProcess): Promise<void> {
  if (env.NODE_COMPILE_CACHE === undefined) return;
  await once(fork(COMPILE_AHEAD, [], { env, execArgv: [...execArgv], stdio: "ignore" }), "exit");
}
