/** Real pipes for what commands print. Node's own are sockets, which a script cannot open again as `/dev/stderr`. */
import { execFile } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Whoever got the writing end may open it again, also another user. */
const MODE = "622";

/** Linux's O_PATH: holds on to a file without being a reader or writer of it. */
const HOLD_ONLY = 0o10000000;

/** A pipe for one command. */
export interface OutputPipe {
  /** Ends when the last process that writes is gone. */
  readonly output: Socket;
  /** The writing end, for `stdio`. */
  readonly descriptor: number;
  /** Closes the runner's own writing end; called once the command has it. */
  handOver(): void;
  /** Closes both ends; called when all is read, or was never written. */
  close(): void;
}

/** Makes pipes, and uses those again that were read to their end. */
export interface OutputPipes {
  /** With `read-write` the writer can go on when the runner is gone: its pipe is never broken. */
  open(access?: "write" | "read-write"): Promise<OutputPipe>;
}

function closeOnce(descriptor: number): () => void {
  let isOpen = true;
  return () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
}

/** A pipe without a name, held by a descriptor: nothing is left in the file system, however the runner ends. */
async function makePipe(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "steward-pipe-"));
  try {
    const path = join(folder, "pipe");
    await promisify(execFile)("mkfifo", ["-m", MODE, path]);
    return openSync(path, HOLD_ONLY);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the supply. */
export function createOutputPipes(): OutputPipes {
  const free: number[] = [];
  return {
    open: async (access = "write") => {
      const held = free.pop() ?? (await makePipe());
      const reading = openSync(`/proc/self/fd/${held}`, constants.O_RDONLY | constants.O_NONBLOCK);
      const flags = access === "write" ? constants.O_WRONLY : constants.O_RDWR;
      const descriptor = openSync(`/proc/self/fd/${held}`, flags);
      const output = new Socket({ fd: reading, readable: true, writable: false });
      // What was not read to its end may still have a writer, and is not given to another command.
      output.once("close", () => (output.readableEnded ? free.push(held) : closeSync(held)));
      const handOver = closeOnce(descriptor);
      const close = () => {
        handOver();
        output.destroy();
      };
      return { output, descriptor, handOver, close };
    },
  };
}
