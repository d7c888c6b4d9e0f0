/** The watcher's invariants, tried on random histories of a made-up machine (world.ts checks the rules at each step). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWorld, sameDisk, type ConfigText, type Sim } from './world.ts';

type Act = (sim: Sim) => void;
interface Move {
  readonly afterMs: number;
  readonly name: string;
  readonly act: Act;
}

const configs: readonly ConfigText[] = ['c1', 'c1~', 'c2', 'bad'];
const codes = ['a', 'b', 'c'];
const failures = ['check', 'stop', 'spawn', 'ready', 'validate'] as const;

const named = (name: string, act: Act) => fc.constant({ name, act });
const code = fc
  .constantFrom(...codes)
  .map((c) => ({ name: `code ${c}`, act: (s: Sim) => s.write({ code: c }) }));
const config = fc
  .constantFrom(...configs)
  .map((c) => ({ name: `config ${c}`, act: (s: Sim) => s.write({ config: c }) }));
const touch = named('touch', (s) => s.hint());
const burst = fc.integer({ min: 2, max: 40 }).map((n) => ({
  name: `burst ${n}`,
  act: (s: Sim) => {
    for (let i = 0; i < n; i += 1) s.at(s.now() + i * 50, () => s.write({ code: codes[i % 3] ?? 'a' }));
  },
}));
const breakage = fc
  .constantFrom(...failures)
  .map((f) => ({ name: `break ${f}`, act: (s: Sim) => void s.world.failing.add(f) }));
const mended = named('mend', (s) => s.world.failing.clear());
const git = fc.boolean().map((b) => ({ name: `git ${b}`, act: (s: Sim) => s.git(b) }));
const slow = fc
  .record({
    check: fc.integer({ min: 1, max: 2_000 }),
    validate: fc.integer({ min: 1, max: 9_000 }),
    stop: fc.integer({ min: 1, max: 10_000 }),
    spawn: fc.integer({ min: 1, max: 3_000 }),
    'await-ready': fc.integer({ min: 1, max: 20_000 }),
  })
  .map((ms) => ({
    name: `slow ${JSON.stringify(ms)}`,
    act: (s: Sim) => void Object.assign(s.world.jobMs, ms),
  }));
const others = [
  named('crash', (s) => s.crash()),
  named('lost hint', (s) => {
    s.world.disk = { ...s.world.disk, code: 'b' };
  }),
  named('pause', (s) => s.send({ type: 'pause', untilMs: null })),
  named('pause 5 s', (s) => s.send({ type: 'pause', untilMs: s.now() + 5_000 })),
  named('resume', (s) => s.send({ type: 'resume' })),
  named('look', (s) => s.send({ type: 'look', asked: false })),
  named('restart', (s) => s.send({ type: 'restart-requested' })),
  named('stop by hand', (s) => s.stopByHand()),
  named('start by hand', (s) => s.startByHand()),
  named('start on a terminal', (s) => s.startByHand(true)),
  named('hang', (s) => {
    s.world.hangs = true;
  }),
  named('reboot', (s) => s.reboot()),
];

const moves = (kinds: readonly fc.Arbitrary<{ name: string; act: Act }>[]) =>
  fc
    .array(
      fc
        .record({
          afterMs: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 12_000 })),
          what: fc.oneof(...kinds),
        })
        .map(({ afterMs, what }): Move => ({ afterMs, ...what })),
      { maxLength: 30, size: 'max' },
    )
    .map((list) =>
      Object.assign(list, { toString: () => list.map((m) => `+${m.afterMs} ${m.name}`).join('; ') }),
    );

function play(sim: Sim, list: readonly Move[]): void {
  for (const move of list) {
    sim.run(sim.now() + move.afterMs);
    move.act(sim);
  }
}

/** The world gets quiet and everything works again. */
function heal(sim: Sim): void {
  sim.world.failing.clear();
  Object.assign(sim.world.jobMs, { check: 50, validate: 200, stop: 200, spawn: 100, 'await-ready': 300 });
  const hung = sim.world.hangs;
  sim.world.hangs = false;
  sim.git(false);
  sim.run(sim.now() + 30_000);
  if (sim.world.disk.config === 'bad') sim.write({ config: 'c2' });
  sim.send({ type: 'resume' });
  // A wait that hung before goes on hanging: what ends it is a new save.
  if (hung) sim.write({ code: 'fix' });
  sim.run(sim.now() + 120_000);
  sim.send({ type: 'resume' });
  sim.send({ type: 'look', asked: true });
  sim.run(sim.now() + 240_000);
}

const quick = { numRuns: Number(process.env['RUNS'] ?? 1_500) } as const;

describe('the controller, on random histories', () => {
  test('keeps every rule, and once the world is quiet what runs is what is on disk', () => {
    fc.assert(
      fc.property(
        moves([code, code, config, touch, burst, breakage, mended, git, slow, ...others]),
        (list) => {
          const sim = createWorld();
          play(sim, list);
          heal(sim);
          expect(sim.state().life.is).toBe('idle');
          expect(sim.openRestarts()).toEqual([]);
          if (sim.desired() === 'down' || sim.state().memory.stack === 'on-terminal') return;
          expect(sim.running()).not.toBeNull();
          expect(sim.applied()).toEqual(sim.world.disk);
        },
      ),
      quick,
    );
  });

  test('equal content never restarts: touches, and changes that are taken back before they settled', () => {
    const undone = fc.constantFrom(...codes).map((c) => ({
      name: `there and back ${c}`,
      act: (s: Sim) => {
        s.write({ code: c });
        s.at(s.now() + 60, () => s.write({ code: 'a' }));
      },
    }));
    fc.assert(
      fc.property(moves([touch, undone, git, others[5] ?? touch]), (list) => {
        const sim = createWorld();
        play(sim, list);
        heal(sim);
        expect(sim.stops()).toBe(0);
      }),
      quick,
    );
  });

  test('hints between the stop and the end of the spawn cause one more restart if content differs at the end, else none', () => {
    const during = fc.array(
      fc.record({ atMs: fc.integer({ min: 0, max: 3_990 }), code: fc.constantFrom(...codes) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(during, (writes) => {
        const sim = createWorld();
        Object.assign(sim.world.jobMs, { stop: 3_000, spawn: 1_000 });
        sim.write({ code: 'b' });
        sim.run(sim.now() + 405);
        expect(sim.state().life.is).toBe('stopping');
        for (const w of writes) sim.at(sim.now() + w.atMs, () => sim.write({ code: w.code }));
        sim.run(sim.now() + 4_000);
        heal(sim);
        const last = writes.toSorted((x, y) => x.atMs - y.atMs).at(-1)?.code ?? 'b';
        expect(sim.stops()).toBe(last === 'b' ? 1 : 2);
        expect(sim.applied()?.code).toBe(last);
      }),
      quick,
    );
  });

  test('what no watcher announced while a restart was under way is found at its end', () => {
    const during = fc.array(
      fc.record({ atMs: fc.integer({ min: 0, max: 5_000 }), code: fc.constantFrom(...codes) }),
      {
        minLength: 1,
        maxLength: 10,
      },
    );
    fc.assert(
      fc.property(during, (writes) => {
        const sim = createWorld();
        Object.assign(sim.world.jobMs, { stop: 3_000, spawn: 1_000, 'await-ready': 2_000 });
        sim.write({ code: 'b' });
        sim.run(sim.now() + 405);
        for (const w of writes) {
          sim.at(sim.now() + w.atMs, () => {
            sim.world.disk = { ...sim.world.disk, code: w.code };
          });
        }
        sim.run(sim.now() + 60_000);
        expect(sim.applied()).toEqual(sim.world.disk);
        expect(sim.stops()).toBe(sim.world.disk.code === 'b' ? 1 : 2);
      }),
      quick,
    );
  });

  test('the end of the watcher leaves the stack as it is, or as its last restart was told to have left it', () => {
    fc.assert(
      fc.property(
        moves([code, code, config, touch, burst, slow, breakage, mended, git]),
        fc.integer({ min: 0, max: 9_000 }),
        (list, ms) => {
          const sim = createWorld();
          play(sim, list);
          sim.run(sim.now() + ms);
          sim.send({ type: 'off', because: 'test' });
          sim.run();
          expect(sim.state().life.is).toBe('off');
          expect(sim.openRestarts()).toEqual([]);
          const ended = sim.events.findLast(
            (event) => event.event === 'restart.end' && ['ok', 'failed'].includes(event.outcome),
          );
          if (sim.running() === null) expect(ended).toMatchObject({ outcome: 'failed' });
        },
      ),
      quick,
    );
  });

  test('hints in a pause are kept, and acted on once when it ends', () => {
    fc.assert(
      fc.property(moves([code, touch, burst]), (list) => {
        const sim = createWorld();
        sim.send({ type: 'pause', untilMs: null });
        play(sim, list);
        sim.run(sim.now() + 60_000);
        expect(sim.stops()).toBe(0);
        const differs = !sameDisk(sim.world.disk, sim.applied());
        sim.send({ type: 'resume' });
        sim.run(sim.now() + 60_000);
        expect(sim.stops()).toBe(differs ? 1 : 0);
        expect(sim.applied()).toEqual(sim.world.disk);
      }),
      quick,
    );
  });

  test('a bad configuration never takes the stack down, however it is saved', () => {
    fc.assert(
      fc.property(
        moves([touch, config.filter((c) => c.name === 'config bad'), others[5] ?? touch, git]),
        (list) => {
          const sim = createWorld();
          sim.write({ config: 'bad' });
          play(sim, list);
          sim.git(false);
          sim.run(sim.now() + 60_000);
          expect(sim.stops()).toBe(0);
          expect(sim.running()).toEqual({ config: 'c1', code: 'a' });
          expect(sim.state().life.is).toBe('config-bad');
          sim.write({ config: 'c1' });
          sim.run(sim.now() + 60_000);
          expect(sim.stops()).toBe(0);
          expect(sim.state().life.is).toBe('idle');
        },
      ),
      quick,
    );
  });

  test('a person who saves every second or two is never taken for a loop', () => {
    const pauses = fc.array(fc.integer({ min: 700, max: 6_000 }), { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 50, max: 3_000 }), (gaps, stopMs) => {
        const sim = createWorld();
        sim.world.jobMs.stop = stopMs;
        let saves = 0;
        for (const gap of gaps) {
          sim.run(sim.now() + gap);
          saves += 1;
          sim.write({ code: `v${saves}` });
        }
        sim.run(sim.now() + 60_000);
        expect(sim.events.some((e) => e.event === 'suspended')).toBe(false);
        expect(sim.applied()).toEqual(sim.world.disk);
      }),
      quick,
    );
  });
});
