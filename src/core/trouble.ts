/** What failures are about: who holds a port, which process survived, which service is not well. */

export interface PortHolder {
  readonly port: number;
  /** null: the owner cannot be seen from here (another uid, a container proxy). */
  readonly pid: number | null;
  readonly uid: number | null;
  readonly command: string | null;
  readonly cwd: string | null;
  /** The root of the upkeep project whose marker the holder carries; null when it carries none. */
  readonly project: string | null;
  readonly service: string | null;
}

export interface Survivor {
  readonly pid: number;
  readonly startTime: string;
  readonly command: string;
  readonly service: string | null;
  /** R, S, D, T, Z … of /proc/PID/stat. */
  readonly state: string;
  readonly evidence: readonly string[];
}

export interface ServiceTrouble {
  readonly name: string;
  /** What is wrong in one phrase: `exited with 7`, `not ready: GET http://127.0.0.1:3000/ did not answer 200`. */
  readonly what: string;
  readonly lastLog: readonly string[];
}
