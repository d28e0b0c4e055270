/** Detects gates of toolchains whose commands need no configuration: Go and Rust. */
import { type Detected, presentFiles, type RootFiles } from "./detected.ts";

interface Toolchain {
  readonly name: string;
  readonly manifest: string;
  readonly lock: string;
  readonly commands: readonly { readonly name: string; readonly run: string }[];
  /** Put before every command where something was downloaded. */
  readonly environment: string;
  readonly fetch: string;
}

/** Downloads go below the checkout, because only that is kept, and stay out of commits. */
const DOWNLOADS = ".steward-downloads";
const MAKE_DOWNLOADS = `mkdir -p ${DOWNLOADS} && printf '*\\n' > ${DOWNLOADS}/.gitignore`;

const TOOLCHAINS: readonly Toolchain[] = [
  {
    name: "go",
    manifest: "go.mod",
    lock: "go.sum",
    commands: [
      { name: "build", run: "go build ./..." },
      { name: "lint", run: "go vet ./..." },
      { name: "test", run: "go test ./..." },
    ],
    environment: `GOFLAGS=-modcacherw GOMODCACHE="$PWD/${DOWNLOADS}"`,
    fetch: "go mod download",
  },
  {
    name: "rust",
    manifest: "Cargo.toml",
    lock: "Cargo.lock",
    commands: [
      { name: "build", run: "cargo build --all-targets" },
      { name: "test", run: "cargo test" },
    ],
    environment: `CARGO_HOME="$PWD/${DOWNLOADS}"`,
    fetch: "cargo fetch",
  },
];

/** Root files that are looked at. */
export const COMPILED_FILES: readonly string[] = TOOLCHAINS.flatMap(({ manifest, lock }) => [manifest, lock]);

/** The gates of each toolchain whose manifest is there; without a lockfile there is nothing to download. */
export function detectCompiledGates(files: RootFiles): readonly Detected[] {
  return TOOLCHAINS.filter(({ manifest }) => presentFiles(files, [manifest]).length > 0).map((toolchain) => {
    const { name, manifest, lock, commands, environment, fetch } = toolchain;
    const isLocked = presentFiles(files, [lock]).length > 0;
    return {
      toolchain: name,
      source: manifest,
      gates: isLocked ? commands.map((gate) => ({ ...gate, run: `${environment} ${gate.run}` })) : commands,
      setup: isLocked ? { run: `${MAKE_DOWNLOADS} && ${environment} ${fetch}`, cache: [manifest, lock] } : undefined,
    };
  });
}
