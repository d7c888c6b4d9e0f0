import { describe, expect, it } from 'vitest';
import { programFor } from '../../src/cli/program.ts';

const run = async (): Promise<void> => undefined;
const built = (...args: string[]) => programFor(['node', 'upkeep', ...args], run);
const whole = built('--help').commands;

describe('the table of commands', () => {
  it.each(whole.map((command) => command.name()))('declares %s alone just as beside all others', (name) => {
    const alone = built(name).commands;
    expect(alone.map((command) => command.name())).toEqual([name]);
    expect(alone[0]?.helpInformation()).toBe(
      whole.find((command) => command.name() === name)?.helpInformation(),
    );
  });

  it.each([
    ['nothing', []],
    ['an option first', ['--json', 'status']],
    ['an alias', ['up']],
    ['a typo', ['statsu']],
    ['help', ['help', 'status']],
  ])('is whole for %s', (_what, args) => {
    expect(built(...args).commands).toHaveLength(whole.length);
  });
});
