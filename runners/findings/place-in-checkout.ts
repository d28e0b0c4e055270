/** Makes a tool's paths relative to the checkout; what is outside of it is nobody's business here. */
import { posix } from "node:path";
import type { Place } from "./raw-finding.ts";

// Longer than any real path in a repository.
const MAX_PATH_CHARACTERS = 300;

/** The same place with a path relative to `workFolder`; absent: outside. */
export function placeInCheckout({ file, line }: Place, workFolder: string): Place | undefined {
  const path = posix.relative(workFolder, posix.resolve(workFolder, pathOf(file)));
  if (path.length > MAX_PATH_CHARACTERS) return undefined;
  if (path === "" || path === ".." || path.startsWith("../")) return undefined;
  return { file: path, ...(line === undefined ? {} : { line }) };
}

/** Somebody else's code, though below the checkout: no frame of a stack to point at. */
export function isVendored({ file }: Place): boolean {
  return /(?:^|\/)(?:node_modules|site-packages|\.venv|vendor)\//.test(file);
}

function pathOf(file: string): string {
  if (file.startsWith("file://")) return URL.parse(file)?.pathname ?? file;
  // `node:internal/…` and other schemes are no files; resolved as they are they would look like some.
  return /^[a-z][\w+.-]+:/i.test(file) ? "/" : file;
}
