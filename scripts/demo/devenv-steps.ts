/** The steps of the demo with devenv: one save of devenv.nix is one evaluation, then one restart or none. */
import { existsSync } from 'node:fs';
import type { Step } from './acts.ts';
import {
  downtime,
  edit,
  ended,
  hold,
  oneRestart,
  pids,
  restarts,
  restartsDuring,
  verifiedStop,
  watching,
} from './acts.ts';
import type { DevenvStage } from './devenv-stage.ts';

/** Before the last brace of devenv.nix. */
const declare = (stage: DevenvStage, line: string): void =>
  edit(stage, 'devenv.nix', /\n\}\n$/, `\n  ${line}\n}\n`);

const mailer = 'processes.mailer.exec = "exec sleep 1000000";';

async function services(stage: DevenvStage): Promise<string> {
  const status = await stage.status();
  return status.services.map(({ name }) => name).join(', ');
}

export const devenvSteps: readonly Step<DevenvStage>[] = [
  {
    title: 'upkeep start -d',
    expected: 'devenv.nix is evaluated; returns when db, migrate and web are ready; the page answers',
    async play(stage) {
      const ran = await stage.upkeep('start', '-d');
      hold(ran.code === 0, ran.stderr);
      const page = await stage.page();
      hold(page.includes('version 1'), `the page says ${page}`);
      return `exit 0, ${stage.evaluations} evaluations, the page says "Shop, version 1"`;
    },
  },
  {
    title: 'upkeep watch, and one save of a source',
    expected: 'one restart without any evaluation; the page shows the new code',
    async play(stage) {
      await watching(stage);
      const [evaluations, calls] = [stage.evaluations, stage.calls().length];
      const events = await oneRestart(stage, 'a restart', () =>
        edit(stage, 'src/web.mjs', /VERSION = .*/, "VERSION = '2';"),
      );
      hold((await stage.page()).includes('version 2'), 'the page is the old one');
      const evaluated = stage.evaluations - evaluations;
      hold(evaluated === 0, `${evaluated} evaluations`);
      const called = stage.calls(calls).map((call) => call.split(' ').slice(0, 2).join(' '));
      return `1 restart, ${downtime(events)}, 0 evaluations (devenv was called as: ${called.join(', ')})`;
    },
  },
  {
    title: 'devenv.nix saved with a new process',
    expected: 'one restart; the process is there',
    async play(stage) {
      const events = await oneRestart(stage, 'a restart', () => declare(stage, mailer));
      hold((await services(stage)).includes('mailer'), await services(stage));
      return `1 restart, ${downtime(events)}; ${await services(stage)}`;
    },
  },
  {
    title: 'devenv.nix saved without it',
    expected: 'one restart; the process is gone',
    async play(stage) {
      const events = await oneRestart(stage, 'a restart', () =>
        edit(stage, 'devenv.nix', `  ${mailer}\n`, ''),
      );
      hold(!(await services(stage)).includes('mailer'), await services(stage));
      return `1 restart, ${downtime(events)}; ${await services(stage)}`;
    },
  },
  {
    title: 'a comment in devenv.nix',
    expected: 'evaluated, and since it means the same: no restart',
    async play(stage) {
      const [before, evaluations] = [await pids(stage), stage.evaluations];
      await restartsDuring(
        stage,
        'the evaluation',
        () => edit(stage, 'devenv.nix', /^/, '# A word to the reader.\n'),
        ended('no-change'),
      );
      hold(before === (await pids(stage)), 'the pids changed');
      return `${stage.evaluations - evaluations} evaluations, every pid as it was`;
    },
  },
  {
    title: 'a typo in devenv.nix',
    expected: 'nothing but a message, with file, line, column and the line itself; every pid stays',
    async play(stage) {
      const before = await pids(stage);
      const events = await restartsDuring(
        stage,
        'config.bad',
        () => declare(stage, mailer.replace('exec =', 'exec')),
        (one) => one.event === 'config.bad',
      );
      const after = await pids(stage);
      hold(before === after, `pids ${before} → ${after}`);
      hold(
        events.every(({ event }) => event !== 'stop'),
        JSON.stringify(events),
      );
      const bad = events.find((one) => one.event === 'config.bad');
      const where = [bad?.['file'], bad?.['line'], bad?.['column']].join(':');
      const message = String(bad?.['message']);
      hold(/devenv\.nix:\d+:\d+$/.test(where) && message.includes('^'), JSON.stringify(bad));
      return `pids unchanged; ${where.replace(`${stage.root}/`, '')}: ${message}`;
    },
  },
  {
    title: 'its fix',
    expected: 'one restart; the new process is there',
    async play(stage) {
      const events = await oneRestart(stage, 'a restart', () =>
        edit(stage, 'devenv.nix', 'mailer.exec "', 'mailer.exec = "'),
      );
      hold((await services(stage)).includes('mailer'), await services(stage));
      hold(restarts(events) === 1, `${restarts(events)} restarts`);
      return `1 restart, ${downtime(events)}; ${await services(stage)}`;
    },
  },
  {
    title: 'upkeep stop',
    expected: 'no process of the stack, no port, no pid file of devenv is left',
    async play(stage) {
      const said = await verifiedStop(stage);
      hold(!existsSync(stage.path('.devenv/processes.pid')), '.devenv/processes.pid is still there');
      return said;
    },
  },
];
