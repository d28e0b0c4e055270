/** Which paths of the host any user of it can reach: bubblewrap as the job's user cannot bind the others. */
import { lstatSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

const OTHERS_READ = 0o4;
const OTHERS_EXECUTE = 0o1;

function ancestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...ancestors(parent), path];
}

/** True when the path and all folders that lead to it are open to everybody, without a link on the way. */
export function isReachableByAll(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || realpathSync(path) !== path) return false;
  const own = found.isDirectory() ? OTHERS_READ | OTHERS_EXECUTE : OTHERS_READ;
  if ((found.mode & own) !== own) return false;
  return ancestors(dirname(path)).every((folder) => (lstatSync(folder).mode & OTHERS_EXECUTE) !== 0);
}
