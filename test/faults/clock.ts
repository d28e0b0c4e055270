/** A clock that can be moved under a process that lives: libfaketime, which reads the shift from a file. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the C library is: libfaketime is beside it. */
const LIBC = /\S+\/libc\.so\.6$/m;

export interface MovableClock {
  /** The environment of the process whose clock it is; its children inherit it unless it is kept from them. */
  readonly env: Readonly<Record<string, string>>;
  /** Ahead of the right time by so much. */
  move(shift: "+1h" | "+0"): void;
}

/** A clock that tells the right time until it is moved; `file` keeps the shift. */
export function createMovableClock(file: string): MovableClock {
  const libc = LIBC.exec(readFileSync("/proc/self/maps", "utf8"))?.[0] ?? "";
  const library = join(dirname(libc), "faketime", "libfaketimeMT.so.1");
  if (!existsSync(library))
    throw new Error(`${library} is not there: install faketime (Debian's package of that name)`);
  writeFileSync(file, "+0");
  return {
    env: {
      // The C library comes before others that bring an allocator: Redis' own asks for the time before this one is ready.
      LD_PRELOAD: `${library} ${libc}`,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: "1",
      // Timers go on as they do when somebody sets a machine's clock.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    },
    move(shift) {
      // Never half a word in it.
      writeFileSync(`${file}.new`, shift);
      renameSync(`${file}.new`, file);
    },
  };
}
