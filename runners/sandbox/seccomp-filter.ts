/** A filter of system calls, as the kernel's BPF wants it: the ones that only an escape needs are refused. */

/** Numbers on [x86-64, arm64]; absent where that machine has no such call. */
const REFUSED: Readonly<Record<string, readonly [number | undefined, number | undefined]>> = {
  acct: [163, 89],
  add_key: [248, 217],
  adjtimex: [159, 171],
  bpf: [321, 280],
  chroot: [161, 51],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  delete_module: [176, 106],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  init_module: [175, 105],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_uring_setup: [425, 425],
  ioperm: [173, undefined],
  iopl: [172, undefined],
  kcmp: [312, 272],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  perf_event_open: [298, 241],
  pivot_root: [155, 41],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  quotactl: [179, 60],
  reboot: [169, 142],
  request_key: [249, 218],
  setns: [308, 268],
  settimeofday: [164, 170],
  swapoff: [168, 225],
  swapon: [167, 224],
  syslog: [103, 116],
  umount2: [166, 39],
  unshare: [272, 97],
  userfaultfd: [323, 282],
};

const MACHINES: Readonly<Record<string, { readonly column: 0 | 1; readonly audit: number }>> = {
  x64: { column: 0, audit: 0xc000003e },
  arm64: { column: 1, audit: 0xc00000b7 },
};

const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const RETURN = 0x06;

const OFFSET_NUMBER = 0;
const OFFSET_MACHINE = 4;

const ALLOW = 0x7fff0000;
const REFUSE_WITH_EPERM = 0x00050001;
const KILL_PROCESS = 0x80000000;

/** x86-64 knows every call a second time from here on (the x32 ABI). */
const X32_NUMBERS = 0x40000000;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

function assemble(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8);
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  }
  return bytes;
}

/** The filter for this kind of machine (`process.arch`); absent for kinds it was not written for. */
export function seccompFilter(architecture: string): Buffer | undefined {
  const machine = MACHINES[architecture];
  if (!machine) return undefined;
  const numbers = Object.values(REFUSED).flatMap((columns) => columns[machine.column] ?? []);
  return assemble([
    [LOAD_WORD, 0, 0, OFFSET_MACHINE],
    [JUMP_IF_EQUAL, 1, 0, machine.audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD_WORD, 0, 0, OFFSET_NUMBER],
    [JUMP_IF_AT_LEAST, 0, 1, X32_NUMBERS],
    [RETURN, 0, 0, REFUSE_WITH_EPERM],
    ...numbers.flatMap((number): Instruction[] => [
      [JUMP_IF_EQUAL, 0, 1, number],
      [RETURN, 0, 0, REFUSE_WITH_EPERM],
    ]),
    [RETURN, 0, 0, ALLOW],
  ]);
}
