/** The runner's own slots: how many jobs it runs at once, whatever queues they come from. */

export interface LocalSlots {
  /** True when a slot was free and is taken now. */
  take(): boolean;
  release(): void;
  readonly busy: number;
}

/** `size` slots; `onChange` is told whether any is free whenever that changes. */
export function createLocalSlots(size: number, onChange: (free: boolean) => void): LocalSlots {
  let busy = 0;
  return {
    take() {
      if (busy >= size) return false;
      busy += 1;
      if (busy === size) onChange(false);
      return true;
    },
    release() {
      busy -= 1;
      if (busy === size - 1) onChange(true);
    },
    get busy() {
      return busy;
    },
  };
}
