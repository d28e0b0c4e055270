/** Routes about files and commits of a repository. */
import { ApiError, notFound } from "../api-error.ts";
import { listCommits, readBlob, readCommit, resolveCommit } from "../git-repository.ts";
import { presentCommit } from "../present/commit.ts";
import type { Repository } from "../state.ts";
import { fullName, gitFolder, type World } from "../world.ts";
import { type Api, answer, type Call, pageOf, parameter, repositoryFrom } from "./call.ts";

interface Found {
  readonly repository: Repository;
  readonly path: string;
  readonly ref: string;
  readonly commit: string;
  readonly sha: string;
  readonly content: Buffer;
}

function missing(path: string): ApiError {
  return new ApiError(404, "GetContentsOrList", [`object does not exist [id: , rel_path: ${path}]`]);
}

async function fileFrom(c: Call, world: World): Promise<Found> {
  const repository = repositoryFrom(c, world);
  const path = decodeURIComponent(parameter(c, "path"));
  const ref = c.req.query("ref") || repository.defaultBranch;
  const commit = await resolveCommit(gitFolder(world, repository), ref);
  const blob = commit ? await readBlob(gitFolder(world, repository), commit, path) : undefined;
  if (!commit || !blob) throw missing(path);
  return { repository, path, ref, commit, ...blob };
}

async function contents(c: Call, world: World): Promise<Response> {
  const { repository, path, ref, commit, sha, content } = await fileFrom(c, world);
  const [last] = await listCommits(gitFolder(world, repository), commit, "-1");
  if (!last) throw missing(path);
  const page = `${world.url}/${fullName(world.state, repository)}`;
  const api = `${world.url}/api/v1/repos/${fullName(world.state, repository)}`;
  const url = `${api}/contents/${path}?ref=${ref}`;
  const gitUrl = `${api}/git/blobs/${sha}`;
  const htmlUrl = `${page}/src/branch/${ref}/${path}`;
  return answer(c, 200, {
    name: path.split("/").at(-1) ?? "",
    path,
    sha,
    last_commit_sha: last.sha,
    last_committer_date: last.committed,
    last_author_date: last.authored,
    type: "file",
    size: content.length,
    encoding: "base64",
    content: content.toString("base64"),
    target: null,
    url,
    html_url: htmlUrl,
    git_url: gitUrl,
    download_url: `${page}/raw/branch/${ref}/${path}`,
    submodule_git_url: null,
    _links: { self: url, git: gitUrl, html: htmlUrl },
  });
}

/** Adds the routes about files and commits. */
export function addContentRoutes(api: Api, world: World): void {
  api.get("/repos/:owner/:repo/contents/:path{.+}", (c) => contents(c, world));
  api.get("/repos/:owner/:repo/raw/:path{.+}", async (c) => {
    const { content, sha } = await fileFrom(c, world);
    return c.body(new Uint8Array(content), 200, { "content-type": "text/plain; charset=utf-8", etag: `"${sha}"` });
  });
  api.get("/repos/:owner/:repo/git/commits/:ref", async (c) => {
    const repository = repositoryFrom(c, world);
    const sha = await resolveCommit(gitFolder(world, repository), decodeURIComponent(parameter(c, "ref")));
    if (!sha) throw notFound();
    const commit = await readCommit(gitFolder(world, repository), sha);
    return answer(c, 200, await presentCommit(world, repository, commit));
  });
  api.get("/repos/:owner/:repo/commits", async (c) => {
    const repository = repositoryFrom(c, world);
    const sha = await resolveCommit(gitFolder(world, repository), c.req.query("sha") || repository.defaultBranch);
    if (!sha) throw notFound();
    const page = pageOf(c, world, await listCommits(gitFolder(world, repository), sha), true);
    return answer(c, 200, await Promise.all(page.map((commit) => presentCommit(world, repository, commit))));
  });
}
