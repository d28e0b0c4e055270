/** Which paths are below which. */
import { relative } from "node:path";

/** True when `path` is `folder` or below it. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (!way.startsWith("..") && !way.startsWith("/"));
}
