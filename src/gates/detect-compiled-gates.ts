/** Detects gates of toolchains whose commands need no configuration: Go and Rust. */
import { type Detected, presentFiles, type RootFiles } from "./detected.ts";

interface Toolchain {
  readonly name: string;
  readonly manifest: string;
  readonly lock: string;
  readonly gates: Detected["gates"];
  readonly fetch: string;
}

/** Downloads go below the checkout, because only that is kept, and stay out of commits. */
const DOWNLOADS = ".steward-downloads";
const MAKE_DOWNLOADS = `mkdir -p ${DOWNLOADS} && printf '*\\n' > ${DOWNLOADS}/.gitignore`;
const GO_CACHE = `GOFLAGS=-modcacherw GOMODCACHE="$PWD/${DOWNLOADS}"`;
const CARGO_HOME = `CARGO_HOME="$PWD/${DOWNLOADS}"`;

const TOOLCHAINS: readonly Toolchain[] = [
  {
    name: "go",
    manifest: "go.mod",
    lock: "go.sum",
    gates: [
      { name: "build", run: `${GO_CACHE} go build ./...` },
      { name: "lint", run: `${GO_CACHE} go vet ./...` },
      { name: "test", run: `${GO_CACHE} go test ./...` },
    ],
    fetch: `${MAKE_DOWNLOADS} && ${GO_CACHE} go mod download`,
  },
  {
    name: "rust",
    manifest: "Cargo.toml",
    lock: "Cargo.lock",
    gates: [
      { name: "build", run: `${CARGO_HOME} cargo build --all-targets` },
      { name: "test", run: `${CARGO_HOME} cargo test` },
    ],
    fetch: `${MAKE_DOWNLOADS} && ${CARGO_HOME} cargo fetch`,
  },
];

/** Root files that are looked at. */
export const COMPILED_FILES: readonly string[] = TOOLCHAINS.flatMap(({ manifest, lock }) => [manifest, lock]);

/** The gates of each toolchain whose manifest is there; without a lockfile there is nothing to download. */
export function detectCompiledGates(files: RootFiles): readonly Detected[] {
  return TOOLCHAINS.filter(({ manifest }) => presentFiles(files, [manifest]).length > 0).map((toolchain) => {
    const isLocked = presentFiles(files, [toolchain.lock]).length > 0;
    return {
      toolchain: toolchain.name,
      source: toolchain.manifest,
      gates: toolchain.gates,
      setup: isLocked ? { run: toolchain.fetch, cache: [toolchain.manifest, toolchain.lock] } : undefined,
    };
  });
}
