import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OwnershipFacts } from '../../src/core/ownership.ts';
import { judge } from '../../src/core/ownership.ts';
import { isWithin } from '../../src/core/paths.ts';

const project = { key: '0123456789abcdef', root: '/home/u/shop' };
const mine = { key: project.key, uuid: '11111111-1111-4111-8111-111111111111' };
const theirs = { key: 'fedcba9876543210', uuid: '22222222-2222-4222-8222-222222222222' };

type Nested = 'row' | 'evidence' | 'caller';
type Change = Partial<Omit<OwnershipFacts, Nested>> & {
  readonly [Part in Nested]?: Partial<OwnershipFacts[Part]>;
};

/** A process that left everything: every test says what ties it to the stack after all. */
function facts(change: Change = {}): OwnershipFacts {
  const stray = {
    row: {
      pid: 500,
      startTime: '9000',
      parent: 1,
      group: 500,
      session: 500,
      uid: 1000,
      state: 'S',
      command: 'x',
      terminal: 0,
    },
    evidence: { marker: null, canary: null, cwd: null, exe: null, service: null },
    project,
    caller: { uid: 1000, bootId: 'now', untouchable: new Set([77, 70, 2]) },
    tree: null,
    record: null,
    group: null,
    sessionOfStack: false,
    unrecorded: false,
    tied: () => false,
  } satisfies OwnershipFacts;
  return {
    ...stray,
    ...change,
    row: { ...stray.row, ...change.row },
    evidence: { ...stray.evidence, ...change.evidence },
    caller: { ...stray.caller, ...change.caller },
  };
}

const marked = { marker: mine };
const record = { owner: 'upkeep', bootId: 'now' } as const;

describe('what proves a process', () => {
  it.each<[string, Change, string, string[]]>([
    ['a child of a server of ours', { tree: 'upkeep', sessionOfStack: true }, 'ours', ['tree']],
    ["a child of somebody else's server", { tree: 'external', sessionOfStack: true }, 'external', ['tree']],
    ['a record of this boot', { record }, 'ours', ['record']],
    [
      "a record of somebody else's stack",
      { record: { owner: 'external', bootId: 'now' } },
      'external',
      ['record'],
    ],
    ['a proved group', { group: 'upkeep' }, 'ours', ['group']],
    [
      'the marker, in the session of the stack',
      { evidence: marked, sessionOfStack: true },
      'ours',
      ['marker'],
    ],
    [
      'the canary, in the session of the stack',
      { evidence: { canary: mine.uuid }, sessionOfStack: true },
      'ours',
      ['canary'],
    ],
    [
      'the marker below an external server',
      { evidence: marked, tree: 'external', sessionOfStack: true },
      'ours',
      ['tree', 'marker'],
    ],
  ])('%s', (_, change, is, evidence) => {
    expect(judge(facts(change))).toEqual({ is, evidence });
  });

  it('nothing is proved by nothing', () => {
    expect(judge(facts())).toEqual({ is: 'foreign', evidence: [] });
  });

  it('a record of another boot is no evidence', () => {
    expect(judge(facts({ record: { owner: 'upkeep', bootId: 'before' } })).is).toBe('foreign');
  });

  it('a session alone is no evidence: an external stack shares its with a person', () => {
    expect(judge(facts({ sessionOfStack: true })).is).toBe('foreign');
  });
});

describe('vetoes', () => {
  const all: Change = {
    evidence: { ...marked, canary: mine.uuid },
    tree: 'upkeep',
    record,
    group: 'upkeep',
    sessionOfStack: true,
  };

  it.each<[string, Change]>([
    ['pid 1', { row: { pid: 1 } }],
    ['ourselves and our ancestors', { row: { pid: 70 } }],
    ['another uid', { row: { uid: 0 } }],
    ["another project's marker", { evidence: { marker: theirs, canary: mine.uuid } }],
  ])('%s beats every evidence', (_, change) => {
    const both = {
      ...all,
      ...change,
      row: { ...all.row, ...change.row },
      evidence: { ...all.evidence, ...change.evidence },
    };
    expect(judge(facts(both))).toEqual({ is: 'foreign', evidence: [] });
  });
});

describe('a marked process that left the tree, the groups and the sessions', () => {
  it('is detached', () => {
    expect(judge(facts({ evidence: marked }))).toEqual({ is: 'detached', evidence: ['marker'] });
  });

  it('is ours while stdio, a port or its program ties it to the stack', () => {
    expect(judge(facts({ evidence: marked, tied: () => true })).is).toBe('ours');
  });

  it('is detached on a terminal, whatever ties it: somebody sits there', () => {
    expect(judge(facts({ evidence: marked, row: { terminal: 34816 }, tied: () => true })).is).toBe(
      'detached',
    );
  });

  it('is ours when it was recorded while it belonged to the stack', () => {
    expect(judge(facts({ evidence: marked, record })).is).toBe('ours');
  });

  it('is ours as a direct child of process-compose when no record tells the session', () => {
    const child = { row: { session: 400 }, evidence: { ...marked, service: 'web' } };
    expect(judge(facts({ ...child, unrecorded: true })).is).toBe('ours');
    expect(judge(facts({ ...child, unrecorded: false })).is).toBe('detached');
    expect(judge(facts({ ...child, unrecorded: true, row: { session: 500 } })).is).toBe('detached');
    expect(judge(facts({ ...child, unrecorded: true, row: { session: 400, terminal: 34816 } })).is).toBe(
      'detached',
    );
  });
});

describe('a live child that made a session of its own', () => {
  it('is detached without a tie: a browser that a service opened', () => {
    expect(judge(facts({ tree: 'upkeep', evidence: marked })).is).toBe('detached');
  });

  it('is ours with one', () => {
    expect(judge(facts({ tree: 'upkeep', tied: () => true })).is).toBe('ours');
  });

  it('is ours on the terminal that its parent gave it', () => {
    expect(judge(facts({ tree: 'upkeep', row: { terminal: 34816 } })).is).toBe('ours');
  });
});

describe('hints', () => {
  it('two make a suspect', () => {
    expect(judge(facts({ evidence: { service: 'web', cwd: '/home/u/shop/api' } })).is).toBe('suspect');
  });

  it('one does not: an editor works in the tree, too', () => {
    expect(judge(facts({ evidence: { cwd: '/home/u/shop' } })).is).toBe('foreign');
  });

  it('a sibling whose name begins alike is not within', () => {
    expect(isWithin('/home/u/shop', '/home/u/shop-2/x')).toBe(false);
    expect(isWithin('/', '/etc')).toBe(true);
  });
});

describe('for all facts', () => {
  const anyFacts = fc
    .record({
      pid: fc.integer({ min: 0, max: 80 }),
      session: fc.integer({ min: 0, max: 80 }),
      uid: fc.constantFrom(0, 1000),
      terminal: fc.constantFrom(0, 34816),
      marker: fc.constantFrom(null, mine, theirs),
      canary: fc.constantFrom(null, mine.uuid),
      service: fc.constantFrom(null, 'web'),
      cwd: fc.constantFrom(null, '/home/u/shop', '/'),
      exe: fc.constantFrom(null, '/home/u/shop/bin/api', '/usr/bin/node'),
      tree: fc.constantFrom(null, 'upkeep' as const, 'external' as const),
      group: fc.constantFrom(null, 'upkeep' as const, 'external' as const),
      record: fc.constantFrom(null, record, { owner: 'external', bootId: 'before' } as const),
      sessionOfStack: fc.boolean(),
      unrecorded: fc.boolean(),
      tied: fc.boolean(),
    })
    .map(({ pid, session, uid, terminal, marker, canary, service, cwd, exe, tied, ...rest }) =>
      facts({
        ...rest,
        row: { pid, session, uid, terminal },
        evidence: { marker, canary, service, cwd, exe },
        tied: () => tied,
      }),
    );

  it('who may be signalled is of our uid, is no ancestor, carries no foreign marker, and has evidence', () => {
    fc.assert(
      fc.property(anyFacts, (each) => {
        const { is, evidence } = judge(each);
        if (is !== 'ours' && is !== 'external') return;
        expect(each.row.uid).toBe(1000);
        expect(each.row.pid).toBeGreaterThan(1);
        expect(each.caller.untouchable.has(each.row.pid)).toBe(false);
        expect(each.evidence.marker).not.toBe(theirs);
        expect(evidence.length).toBeGreaterThan(0);
      }),
    );
  });

  it('hints never add up to a proof', () => {
    fc.assert(
      fc.property(anyFacts, (each) => {
        const hintsOnly = {
          ...each,
          tree: null,
          group: null,
          record: null,
          evidence: { ...each.evidence, marker: null, canary: null },
        };
        expect(['suspect', 'foreign']).toContain(judge(hintsOnly).is);
      }),
    );
  });
});
