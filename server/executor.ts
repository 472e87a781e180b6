/** How a process that an executor started has ended. */
export type Exit = { readonly status: number } | { readonly signal: string };

/**
 * Executes runs by running `tierbook work DIR` somewhere. It only submits, reports and cancels:
 * what a run came to stands in the run's own `result.json`.
 */
export interface Executor {
  /** Starts the work on a run's directory. What happens to this process then does not matter to it. */
  start(directory: string): Promise<void>;

  /** Whether something works on the directory, or is about to, whoever started it. */
  isAlive(directory: string): Promise<boolean>;

  /** How the process that this executor last started there ended, if it has. */
  exitOf(directory: string): Exit | undefined;

  /**
   * Stops the work: asks for it, waits a while, then ends it with all that it started. Resolves
   * when nothing of it is left.
   */
  cancel(directory: string): Promise<void>;

  /** Calls back whenever a process that this executor started has ended. */
  onExit(listener: (directory: string) => void): void;
}

/** The status with which `tierbook work` ends after it was asked to stop and has saved its place. */
export const preemptedStatus = 143;

/** The status with which `tierbook work` ends when another process works on the run already. */
export const busyStatus = 75;
