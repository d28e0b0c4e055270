/** A repository whose own commit asks git, and whoever reads its files, for harm. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sha } from "../../src/domain/ids.ts";
import type { GitServer } from "./git-server.ts";

/** Files that a runner looks at by itself, as links to a file of the host. */
export const LINKS = [".forgejo/steward.yml", ".gitea/steward.yml", "package.json", "passwd", "test/a.test.js"];

/** A commit on top of `parent` with filters, a submodule whose address is a program, and links out of the checkout. */
export function commitHostile(server: GitServer, parent: Sha, canary: string): Sha {
  const folder = mkdtempSync(join(tmpdir(), "steward-hostile-repository-"));
  const blob = (text: string): string => {
    writeFileSync(join(folder, "blob"), text);
    return server.git("hash-object", "-w", join(folder, "blob"));
  };
  const add = (mode: string, object: string, path: string) =>
    server.git("update-index", "--add", "--cacheinfo", `${mode},${object},${path}`);
  const url = `ext::sh -c touch% ${canary}/submodule`;
  server.git("read-tree", parent);
  add("100644", blob("* filter=evil diff=evil\n"), ".gitattributes");
  add("100644", blob(`[submodule "sub"]\n\tpath = sub\n\turl = "${url}"\n`), ".gitmodules");
  add("160000", parent, "sub");
  for (const path of LINKS) add("120000", blob("/etc/passwd"), path);
  const commit = server.git("commit-tree", server.git("write-tree"), "-p", parent, "-m", "Ask for harm");
  rmSync(folder, { recursive: true });
  return Sha.parse(commit);
}
