/** The filter refuses what only an escape needs, on each kind of machine, and lets everything else pass. */
import { describe, expect, test } from "vitest";
import { seccompFilter } from "../../../runners/sandbox/seccomp-filter.ts";

const X64 = 0xc000003e;
const ARM64 = 0xc00000b7;
const I386 = 0x40000003;

const VERDICTS: Readonly<Record<number, string>> = { 2147418112: "allowed", 327681: "EPERM", 2147483648: "killed" };

/** Runs the program as the kernel would, for a call with this number on this machine. */
function verdict(architecture: string, machine: number, call: number): string | undefined {
  const program = seccompFilter(architecture) ?? Buffer.alloc(0);
  let word = 0;
  for (let at = 0; at < program.length; at += 8) {
    const [code, value] = [program.readUInt16LE(at), program.readUInt32LE(at + 4)];
    const jump = (holds: boolean) => 8 * program.readUInt8(at + (holds ? 2 : 3));
    if (code === 0x20) word = value === 0 ? call : machine;
    else if (code === 0x15) at += jump(word === value);
    else if (code === 0x35) at += jump(word >= value);
    else return VERDICTS[value];
  }
  return "fell off the end";
}

describe("the filter", () => {
  test.each([
    ["ptrace", 101, 117],
    ["mount", 165, 40],
    ["bpf", 321, 280],
    ["keyctl", 250, 219],
    ["unshare", 272, 97],
    ["userfaultfd", 323, 282],
    ["kexec_load", 246, 104],
    ["io_uring_setup", 425, 425],
    ["open_tree", 428, 428],
  ])("refuses %s", (_name, x64, arm64) => {
    expect(verdict("x64", X64, x64)).toBe("EPERM");
    expect(verdict("arm64", ARM64, arm64)).toBe("EPERM");
  });

  test.each([
    ["read", 0, 63],
    ["execve", 59, 221],
    ["clone3", 435, 435],
    ["openat", 257, 56],
  ])("lets %s pass", (_name, x64, arm64) => {
    expect(verdict("x64", X64, x64)).toBe("allowed");
    expect(verdict("arm64", ARM64, arm64)).toBe("allowed");
  });

  test("has no way around it by another machine's numbers", () => {
    expect(verdict("x64", I386, 11)).toBe("killed");
    expect(verdict("x64", X64, 0x40000000 + 101)).toBe("EPERM");
    expect(verdict("x64", X64, 0x40000000)).toBe("EPERM");
  });

  test("is absent where it was not written for the machine", () => {
    expect(seccompFilter("s390x")).toBeUndefined();
  });
});
