/** Mirrors, checkouts and commits of what a job left, with a real git server and real sandboxes. */
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { View } from "../../../runners/sandbox/view.ts";
import type { Sha } from "../../../src/domain/ids.ts";
import { openWorkspaceBench, type WorkspaceBench } from "../../support/workspace-bench.ts";

const NEVER = new AbortController().signal;

let bench: WorkspaceBench;
let main: Sha;

beforeAll(async () => {
  bench = await openWorkspaceBench({
    "README.md": "hello\n",
    "src/a.txt": "one\ntwo\nthree\n",
    "src/old.txt": "1\n2\n3\n4\n5\n6\n",
    "run.sh": "#!/bin/sh\necho ran\n",
    link: { link: "README.md" },
    ".gitignore": "ignored/\n*.log\n",
  });
  main = bench.server.head("main") as Sha;
  await bench.workspace.fetch([main], NEVER);
});

afterAll(() => bench[Symbol.asyncDispose]());

async function viewOf(commit: Sha): Promise<View> {
  const { workspace, sandbox } = bench;
  return workspace.openView(await workspace.checkout(commit), sandbox.exposes);
}

async function commitOf(view: View, parent = main): Promise<{ sha: Sha | undefined; leftOut: readonly string[] }> {
  const leftOut: string[] = [];
  const sha = await bench.workspace.commitView(view, {
    parent,
    message: "Work\n",
    sandbox: bench.sandbox,
    signal: NEVER,
    onLeftOut: (sentence) => leftOut.push(sentence),
  });
  return { sha, leftOut };
}

/** Runs a script in a fresh view and returns the files of the commit that is made of it, as `mode path`. */
async function filesAfter(
  script: string,
): Promise<{ files: string[]; leftOut: readonly string[]; sha: Sha | undefined }> {
  const view = await viewOf(main);
  await bench.run(view, script);
  const { sha, leftOut } = await commitOf(view).finally(() => view.dispose());
  return { files: sha ? await listing(sha) : [], leftOut, sha };
}

async function listing(commit: Sha): Promise<string[]> {
  await bench.workspace.push(`listing-${commit.slice(0, 8)}`, commit, undefined, NEVER);
  const lines = bench.server.git("ls-tree", "-r", "-z", commit).split("\0").filter(Boolean);
  return lines.map((line) => line.replace(/^(\d+) \w+ \w+\t/, "$1 "));
}

const byPath = (a: string, b: string) => (a.slice(7) < b.slice(7) ? -1 : 1);

const BEFORE = [
  "100644 .gitignore",
  "100644 README.md",
  "120000 link",
  "100755 run.sh",
  "100644 src/a.txt",
  "100644 src/old.txt",
];

describe("a mirror", () => {
  test("fetches a commit with the bot's token, and asks the server for none that it has", async () => {
    const sha = bench.server.commit("feature", { "new.txt": "new\n" });
    await bench.workspace.fetch([sha], NEVER);
    const asked = bench.server.requests.length;
    expect(bench.server.requests.some(({ authorised }) => authorised)).toBe(true);
    await bench.workspace.fetch([sha, main], NEVER);
    expect(bench.server.requests.length).toBe(asked);
  });

  test("leaves the token in no file of the runner's folder", () => {
    const { status, stdout } = spawnSync("grep", ["-rlF", bench.server.token, bench.config.folder], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });

  test("says so when a commit is nowhere", async () => {
    const absent = "0123456789012345678901234567890123456789" as Sha;
    await expect(bench.workspace.fetch([absent], NEVER)).rejects.toMatchObject({ code: "WORKSPACE_FAILED" });
  });

  test("knows the merge base, and that unrelated histories have none", async () => {
    const branch = bench.server.commit("forked", { "fork.txt": "fork\n" }, main);
    const lonely = bench.server.git("commit-tree", "-m", "lonely", `${main}^{tree}`) as Sha;
    bench.server.git("update-ref", "refs/heads/lonely", lonely);
    await bench.workspace.fetch([branch, lonely], NEVER);
    expect(await bench.workspace.mergeBase(main, branch)).toBe(main);
    expect(await bench.workspace.mergeBase(main, lonely)).toBeUndefined();
  });

  test("reads plain files only", async () => {
    expect(await bench.workspace.readFile(main, "src/a.txt")).toBe("one\ntwo\nthree\n");
    expect(await bench.workspace.readFile(main, "absent.txt")).toBeUndefined();
    expect(await bench.workspace.readFile(main, "link")).toBeUndefined();
    expect(await bench.workspace.readFile(main, "src")).toBeUndefined();
  });

  test("tells what differs between two commits, whatever the files are called", async () => {
    const odd = 'odd\n"diff --git a/x b/x\n@@ -1 +1 @@';
    const branch = bench.server.commit(
      "changes",
      {
        "src/a.txt": "one\n2\n@@ -1 +1 @@\nthree\n",
        "src/old.txt": undefined,
        "src/renamed.txt": "1\n2\n3\n4\n5\n6\n7\n",
        "README.md": undefined,
        link: "a file now\n",
        [odd]: "+++ odd\n",
        "binary.dat": "\0\u0001",
      },
      main,
    );
    await bench.workspace.fetch([branch], NEVER);
    const changed = await bench.workspace.changedFiles(main, branch);
    expect(Object.fromEntries(changed.map(({ path, ...rest }) => [path, rest]))).toEqual({
      "README.md": { previousPath: undefined, status: "deleted", changedLines: [], added: [], removed: ["hello"] },
      "binary.dat": { previousPath: undefined, status: "added", changedLines: [], added: [], removed: [] },
      link: {
        previousPath: undefined,
        status: "modified",
        changedLines: [1],
        added: ["a file now"],
        removed: ["README.md"],
      },
      [odd]: { previousPath: undefined, status: "added", changedLines: [1], added: ["+++ odd"], removed: [] },
      "src/a.txt": {
        ...{ previousPath: undefined, status: "modified", changedLines: [2, 3] },
        ...{ added: ["2", "@@ -1 +1 @@"], removed: ["two"] },
      },
      "src/renamed.txt": {
        previousPath: "src/old.txt",
        status: "renamed",
        changedLines: [7],
        added: ["7"],
        removed: [],
      },
    });
  });
});

describe("a checkout", () => {
  test("is the commit's files, writable by the job, with links and modes as they are", async () => {
    const view = await viewOf(main);
    const output = await bench.run(view, "./run.sh; cat link; echo more >> src/a.txt && tail -n1 src/a.txt; ls -A");
    await view.dispose();
    expect(output).toBe("ran\nhello\nmore\n.gitignore\nREADME.md\nlink\nrun.sh\nsrc\n");
  });

  test("of a commit close to a prepared one holds only the difference, and shows all of its files", async () => {
    const close = bench.server.commit(
      "close",
      { "src/a.txt": "other\n", "src/old.txt": undefined, "deep/er/new.txt": "n\n" },
      main,
    );
    await bench.workspace.fetch([close], NEVER);
    await bench.workspace.checkout(main);
    const layers = await bench.workspace.checkout(close);
    const view = await viewOf(close);
    const output = await bench.run(
      view,
      "find . -type f | sort; cat src/a.txt; echo x > src/old.txt && cat src/old.txt",
    );
    await view.dispose();
    expect(output).toBe("./.gitignore\n./README.md\n./deep/er/new.txt\n./run.sh\n./src/a.txt\nother\nx\n");
    const own = execFileSync("find", [layers.at(-1)?.folder ?? "", "-type", "f"], { encoding: "utf8" });
    expect(own.split("\n").filter(Boolean)).toHaveLength(2);
  });

  test("is not changed by what a job does in a view of it", async () => {
    const first = await viewOf(main);
    await bench.run(first, "rm -rf src README.md; echo changed > run.sh");
    const second = await viewOf(main);
    expect(await bench.run(second, "cat README.md src/a.txt; ./run.sh")).toBe("hello\none\ntwo\nthree\nran\n");
    await Promise.all([first.dispose(), second.dispose()]);
  });
});

describe("a commit of a view", () => {
  test("is everything that changed, on top of the parent, by the bot", async () => {
    const { files, sha } = await filesAfter(
      "echo new > new.txt; rm src/old.txt; chmod +x README.md; ln -s /etc/passwd out",
    );
    const expected = [
      ...BEFORE.filter((file) => !/README|old/.test(file)),
      ...["100755 README.md", "100644 new.txt", "120000 out"],
    ];
    expect(files.sort()).toEqual(expected.sort());
    const about = bench.server.git("log", "-1", "--format=%an <%ae> %cn %P %s", String(sha));
    expect(about).toBe(`steward <steward@example.test> steward ${main} Work`);
    expect(bench.server.git("cat-file", "blob", `${sha}:out`)).toBe("/etc/passwd");
  });

  test("is none when nothing changed, or only what is ignored", async () => {
    expect((await filesAfter("true")).sha).toBeUndefined();
    expect(
      (await filesAfter("mkdir ignored; echo x > ignored/x; echo y > z.log; touch README.md")).sha,
    ).toBeUndefined();
  });

  test("takes along files with strange names", async () => {
    const { files } = await filesAfter(
      "printf x > \"$(printf 'new\\nline')\"; printf x > ' :(exclude)*'; printf x > -n",
    );
    expect(files).toEqual(expect.arrayContaining(["100644 new\nline", "100644  :(exclude)*", "100644 -n"]));
  });

  test("leaves files over the limit out, says so, and keeps the rest", async () => {
    const script = "truncate -s 60M 'big one.bin' && truncate -s 60M z.log; echo kept > kept.txt; ls -la";
    const { files, leftOut } = await filesAfter(script);
    expect(files).toEqual([...BEFORE, "100644 kept.txt"].sort(byPath));
    expect(leftOut).toEqual([expect.stringMatching(/50 MiB .*: "big one\.bin"$/)]);
  });

  test("adds a nested repository as plain files", async () => {
    const init = "git init -q nested && cd nested && echo in > in.txt && git add -A";
    const { files } = await filesAfter(`${init} && git -c user.name=a -c user.email=a commit -qm in`);
    expect(files).toContain("100644 nested/in.txt");
    expect(files.some((file) => file.startsWith("160000"))).toBe(false);
  });

  test("runs nothing that the work tree asks git to run", async () => {
    const mark = "echo ran > /tmp/ran; echo ran > ran-mark";
    const script = `git init -q . && git config core.fsmonitor '${mark}; false' && git config filter.evil.clean '${mark}; cat'
      git config core.hooksPath hooks; mkdir hooks; printf '#!/bin/sh\\n${mark}\\n' > hooks/pre-commit; chmod +x hooks/pre-commit
      cp hooks/pre-commit .git/hooks/pre-commit; cp hooks/pre-commit .git/hooks/post-index-change
      echo '* filter=evil' > .gitattributes; echo text > filtered.txt`;
    const { files, sha } = await filesAfter(script);
    expect(files).toContain("100644 filtered.txt");
    expect(files.some((file) => file.includes("ran-mark") || file.includes(".git/"))).toBe(false);
    expect(bench.server.git("cat-file", "blob", `${sha}:filtered.txt`)).toBe("text");
  });

  test("survives a `.git` of the job that leads elsewhere", async () => {
    const { files } = await filesAfter("ln -s /etc .git; echo x > x.txt");
    expect(files).toContain("100644 x.txt");
    const fake = await filesAfter("echo 'gitdir: /etc' > .git; echo y > y.txt");
    expect(fake.files).toContain("100644 y.txt");
  });

  test("takes along what the job made unreadable, and leaves out what is no file", async () => {
    const locked = "mkdir -p locked/deep; echo d > locked/deep/d.txt; chmod 000 locked/deep locked";
    const { files, leftOut } = await filesAfter(`echo s > secret; chmod 000 secret; mkfifo pipe; ${locked}`);
    expect(files).toEqual(expect.arrayContaining(["100644 secret", "100644 locked/deep/d.txt"]));
    expect(files.some((file) => file.includes("pipe"))).toBe(false);
    expect(leftOut).toEqual([]);
  });

  test("leaves out names that git forbids, and says so", async () => {
    const { files, leftOut } = await filesAfter("mkdir .GIT && echo x > .GIT/config; echo k > k.txt");
    expect(files).toEqual([...BEFORE, "100644 k.txt"].sort(byPath));
    expect(leftOut).toEqual([expect.stringContaining('".GIT/')]);
  });
});

describe("the agent's own git", () => {
  test("knows history and branch, can commit, and needs no right to write the mirror", async () => {
    const { workspace, sandbox } = bench;
    const preparing = workspace.preparing("steward/issue-1-x");
    const view = await workspace.openView(await workspace.checkout(main), [...sandbox.exposes, ...preparing.readable]);
    await preparing.prepare(view, main, sandbox);
    const script = `git status --short --branch; git log --format=%H; echo more >> README.md; git diff --stat | tail -n1
      git commit -qam own; git log --format='%an %s' | head -n1; touch ${preparing.readable[0]}/x 2>/dev/null && echo writable`;
    const output = await bench.run(view, script, preparing.readable);
    expect(output.split("\n").slice(0, 2)).toEqual(["## steward/issue-1-x", main]);
    expect(output).toContain("1 insertion(+)");
    expect(output).toContain("steward own\n");
    expect(output).not.toContain("writable");
    const { sha } = await commitOf(view);
    await view.dispose();
    expect(await listing(sha as Sha)).toEqual(BEFORE);
    expect(bench.server.git("rev-parse", `${sha}^`)).toBe(main);
  });
});

describe("a push", () => {
  async function work(parent: Sha, text: string): Promise<Sha> {
    const view = await viewOf(parent);
    await bench.run(view, `echo '${text}' > work.txt`);
    const { sha } = await commitOf(view, parent).finally(() => view.dispose());
    return sha as Sha;
  }

  test("makes a branch, and moves it forward from where it is expected", async () => {
    const first = await work(main, "first");
    await bench.workspace.push("steward/push", first, undefined, NEVER);
    expect(bench.server.head("steward/push")).toBe(first);
    const second = await work(first, "second");
    await bench.workspace.push("steward/push", second, first, NEVER);
    expect(bench.server.head("steward/push")).toBe(second);
  });

  test("is refused when somebody else made or moved the branch meanwhile", async () => {
    const mine = await work(main, "mine");
    const theirs = bench.server.commit("steward/raced", { "theirs.txt": "theirs\n" }, main);
    await expect(bench.workspace.push("steward/raced", mine, undefined, NEVER)).rejects.toMatchObject({
      code: "PUSH_REFUSED",
    });
    await expect(bench.workspace.push("steward/raced", mine, main, NEVER)).rejects.toMatchObject({
      code: "PUSH_REFUSED",
    });
    expect(bench.server.head("steward/raced")).toBe(theirs);
  });

  test("never goes back or aside", async () => {
    const ahead = bench.server.commit("steward/ahead", { "ahead.txt": "ahead\n" }, main);
    await bench.workspace.fetch([ahead], NEVER);
    const aside = await work(main, "aside");
    for (const commit of [main, aside]) {
      const pushed = bench.workspace.push("steward/ahead", commit, ahead, NEVER);
      await expect(pushed).rejects.toMatchObject({ code: "PUSH_REFUSED" });
    }
    expect(bench.server.head("steward/ahead")).toBe(ahead);
  });

  test("takes no branch name that git would read as something else", async () => {
    for (const branch of ["../tags/v1", "a:refs/heads/b", "-f", "", "a b"]) {
      const pushed = bench.workspace.push(branch, main, undefined, NEVER);
      await expect(pushed).rejects.toMatchObject({ code: "PUSH_REFUSED" });
    }
  });

  test("gives the token to no server but its own", async () => {
    const asked: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    bench.server.redirectTo(`http://127.0.0.1:${port}`);
    const pushed = bench.workspace.fetch(["1".repeat(40) as Sha], NEVER);
    await expect(pushed).rejects.toMatchObject({ code: "WORKSPACE_FAILED" });
    bench.server.redirectTo(undefined);
    other.close();
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every((header) => header === undefined)).toBe(true);
  });
});
