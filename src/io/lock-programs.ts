/** The programs that can take flock(2) on an inherited descriptor: util-linux has one, macOS and bare containers do not. */

export interface LockProgram {
  /** Looked up on PATH, or absolute. */
  readonly name: string;
  /** Arguments to lock descriptor 3 within `waitMs` (0: one try). Exit code 0: locked; 1: somebody else has it. */
  readonly args: (waitMs: number) => readonly string[];
}

/** Another terminal may have another PATH, and a pure nix shell has neither. */
const places = ['/usr/bin/', '/bin/', '/run/current-system/sw/bin/'];

const flock = (name: string): LockProgram => ({
  name,
  args: (waitMs) => [...(waitMs > 0 ? ['-w', (waitMs / 1000).toFixed(3)] : ['-n']), '3'],
});

/** Tries every 20 ms rather than waiting with an alarm, which could go off at the moment of success and hide it. */
const perlScript =
  'use Fcntl ":flock"; use Time::HiRes qw(time sleep); open my $f, ">>&=", 3 or exit 2; my $end = time + $ARGV[0]; ' +
  'until (flock $f, LOCK_EX | LOCK_NB) { exit 1 if time >= $end; sleep 0.02 } exit 0';
const perl = (name: string): LockProgram => ({
  name,
  args: (waitMs) => ['-e', perlScript, String(waitMs / 1000)],
});

const pythonScript = `import fcntl, sys, time
end = time.monotonic() + float(sys.argv[1])
while True:
    try:
        fcntl.flock(3, fcntl.LOCK_EX | fcntl.LOCK_NB)
        sys.exit(0)
    except OSError:
        if time.monotonic() >= end: sys.exit(1)
        time.sleep(0.02)`;
/** Not by absolute path: on macOS, /usr/bin/python3 may offer to install something instead of running. */
const python: LockProgram = {
  name: 'python3',
  args: (waitMs) => ['-I', '-c', pythonScript, String(waitMs / 1000)],
};

export const lockPrograms: readonly LockProgram[] = [
  flock('flock'),
  ...places.map((place) => flock(`${place}flock`)),
  perl('perl'),
  perl('/usr/bin/perl'),
  python,
];
