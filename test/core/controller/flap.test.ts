/** The breaker: loops trip it, people do not. */
import { describe, expect, test } from 'vitest';
import { codeB, found, type Told, hint, quiet, tell } from './told.ts';
import { createWorld, type Sim } from './world.ts';

/** Each start writes a file `afterMs` after the spawn, with new content each time. */
function selfTrigger(sim: Sim, afterMs: number, forMs: number): void {
  let spawns = 0;
  const untilMs = sim.now() + forMs;
  sim.write({ code: 'first' });
  while (sim.now() < untilMs) {
    sim.run(sim.now() + 20);
    const now = sim.did.filter((d) => d.kind === 'await-ready').length;
    if (now > spawns) {
      spawns = now;
      sim.at(sim.now() + afterMs, () => {
        sim.world.disk = { ...sim.world.disk, code: `written ${spawns}` };
        sim.hint(5, ['src/generated']);
      });
    }
  }
}

const suspended = (sim: Sim): boolean => sim.events.some((event) => event.event === 'suspended');

describe('the flap breaker', () => {
  // The world names a changed path after its content: here it is always one file.
  const fixed = (): Sim =>
    createWorld({ quietMs: 300, capMs: 8_000, idPrefix: 'r' }, () => ['src/generated']);

  test.for([50, 400, 1_500])(
    'suspends a stack that writes what it is restarted for, %d ms after its start',
    (afterMs) => {
      const sim = fixed();
      selfTrigger(sim, afterMs, 60_000);
      expect(sim.state().life.is).toBe('suspended');
      expect(sim.stops()).toBeLessThanOrEqual(6);
    },
  );

  test('suspends on a file that is written without end, but not within twenty seconds', () => {
    const sim = fixed();
    const scribble = (ms: number): void => {
      for (let i = 0; i < ms / 50; i += 1) sim.at(sim.now() + i * 50, () => sim.write({ code: `${i}` }));
    };
    scribble(20_000);
    sim.run(sim.now() + 30_000);
    expect(sim.stops()).toBeLessThanOrEqual(4);
    expect(suspended(sim)).toBe(false);
    expect(sim.applied()).toEqual(sim.world.disk);
    const before = sim.stops();
    scribble(180_000);
    sim.run(sim.now() + 180_000);
    expect(suspended(sim)).toBe(true);
    expect(sim.stops() - before).toBeLessThan(10);
  });

  test('slows down someone who saves the same file all the time, and never suspends', () => {
    const sim = fixed();
    for (let i = 0; i < 200; i += 1) {
      sim.run(sim.now() + 1_500);
      sim.write({ code: `v${i}` });
    }
    sim.run(sim.now() + 30_000);
    expect(suspended(sim)).toBe(false);
    expect(sim.applied()).toEqual(sim.world.disk);
  });

  test('does not count what somebody asks for', () => {
    const sim = fixed();
    for (let i = 0; i < 40; i += 1) {
      sim.run(sim.now() + 2_500);
      sim.write({ code: `v${i}` });
      sim.send({ type: 'look', asked: true });
    }
    sim.run(sim.now() + 5_000);
    expect(suspended(sim)).toBe(false);
    expect(sim.stops()).toBe(40);
  });

  test('opens for a changed configuration, for resume and for an explicit restart', () => {
    const trip = (): Sim => {
      const sim = fixed();
      selfTrigger(sim, 50, 40_000);
      expect(sim.state().life.is).toBe('suspended');
      return sim;
    };
    const ways: readonly ((sim: Sim) => void)[] = [
      (sim) => sim.write({ config: 'c2' }),
      (sim) => sim.send({ type: 'resume' }),
      (sim) => sim.send({ type: 'restart-requested' }),
    ];
    for (const open of ways) {
      const sim = trip();
      open(sim);
      sim.run(sim.now() + 10_000);
      expect(sim.state().life.is).toBe('idle');
      expect(sim.applied()).toEqual(sim.world.disk);
    }
  });

  test('stays open for more of the same', () => {
    const sim = fixed();
    selfTrigger(sim, 50, 40_000);
    sim.write({ code: 'again' });
    sim.run(sim.now() + 10_000);
    expect(sim.state().life.is).toBe('suspended');
  });

  test('doubles the quiet period for the sixth restart within a minute', () => {
    const round = (i: number): readonly Told[] => [
      hint,
      quiet,
      found({ ...codeB, id: `${i}`, paths: [`${i}`] }),
      { type: 'stopped', ok: true },
      { type: 'spawned', ok: true },
      { type: 'ready', ok: true },
      found({ ...codeB, codeChanged: false }),
      4_000,
    ];
    const after = (rounds: number): number => {
      const told = Array.from({ length: rounds }, (_, i) => round(i)).flat();
      return (tell(...told, hint).deadlineMs ?? 0) - (1_000_000 + rounds * 4_000);
    };
    expect([4, 5, 6, 7].map(after)).toEqual([300, 300, 600, 1_200]);
  });
});
