/** The bodies of process-compose's REST API, releases 1.46 to 1.122, as far as upkeep reads them. */

/** One entry of `GET /processes`. Fields that some releases lack are optional. */
export interface ProcessBody {
  readonly name: string;
  /** A list since 1.122, and only when there is more than one. */
  readonly namespace?: string | readonly string[];
  readonly status: string;
  /** `Ready`, `Not Ready`, `-`; `N/A` before 0.81.4. */
  readonly is_ready?: string;
  /** Since 1.63: a readiness or a liveness probe. */
  readonly has_ready_probe?: boolean;
  readonly restarts?: number;
  readonly exit_code?: number;
  /** Since 1.116. */
  readonly success_exit_codes?: readonly number[] | null;
  readonly pid?: number;
  /** Nanoseconds. */
  readonly age?: number;
  /** Since 1.63; up to then the key was `IsRunning`. */
  readonly is_running?: boolean;
  readonly IsRunning?: boolean;
}

/** `GET /project/state`. */
export interface ProjectBody {
  readonly version: string;
  readonly startTime: string;
  readonly fileNames?: readonly string[] | null;
}

/** Go writes an empty list as `null` where it was never filled. */
export interface ProcessesBody {
  readonly data: readonly ProcessBody[] | null;
}

export interface LogsBody {
  readonly logs: readonly string[] | null;
}

/** Every refusal: 400, 500, and 207 for bulk calls. */
export interface ErrorBody {
  readonly error: string;
}
