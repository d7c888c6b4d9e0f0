/** The steps of the demo on plain process-compose: what is done, what is expected, and what was seen. */
import { mkdirSync, readFileSync } from 'node:fs';
import type { Step } from './acts.ts';
import {
  downtime,
  edit,
  ended,
  hold,
  isAlive,
  oneRestart,
  pids,
  restarts,
  restartsDuring,
  verifiedStop,
  watching,
} from './acts.ts';
import type { WatchEvent } from './stage.ts';

const noChange = (one: WatchEvent): boolean => one.event === 'no-change';

export const steps: readonly Step[] = [
  {
    title: 'upkeep start -d',
    expected: 'returns when db, migrate and web are ready; the page answers',
    async play(stage) {
      const ran = await stage.upkeep('start', '-d');
      hold(ran.code === 0, ran.stderr);
      const page = await stage.page();
      hold(page.includes('version 1'), `the page says ${page}`);
      return 'exit 0, the page says "Shop, version 1"';
    },
  },
  {
    title: 'upkeep watch, and one save of a source',
    expected: 'one restart; the page shows the new code; status says it runs what is on disk',
    async play(stage) {
      await watching(stage);
      const events = await oneRestart(stage, 'a restart', () =>
        edit(stage, 'src/web.mjs', /VERSION = .*/, "VERSION = '2';"),
      );
      hold((await stage.page()).includes('version 2'), 'the page is the old one');
      const status = await stage.status();
      hold(
        (status['freshness'] as { verdict: string }).verdict === 'fresh',
        JSON.stringify(status['freshness']),
      );
      return `1 restart, ${downtime(events)}, "Shop, version 2", fresh`;
    },
  },
  {
    title: 'touch, chmod, and the same bytes written again',
    expected: 'no restart',
    async play(stage) {
      const same = stage.read('src/web.mjs');
      const events = await restartsDuring(
        stage,
        'a look',
        () => {
          stage.touch('src/web.mjs');
          stage.chmod('src/web.mjs', 0o755);
          stage.write('src/web.mjs', same);
        },
        noChange,
      );
      hold(restarts(events) === 0, `${restarts(events)} restarts`);
      return 'looked, same content, 0 restarts';
    },
  },
  {
    title: 'an edit of the README',
    expected: 'no restart; named once',
    async play(stage) {
      const events = await restartsDuring(
        stage,
        'left out',
        () => stage.write('README.md', 'new words\n'),
        (one) => one.event === 'left-out',
      );
      hold(restarts(events) === 0, `${restarts(events)} restarts`);
      return `left out: ${String(events.find((one) => one.event === 'left-out')?.['path'])}`;
    },
  },
  {
    title: 'a typo in process-compose.yaml',
    expected: 'every pid stays; the message has file, line and column',
    async play(stage) {
      const before = await pids(stage);
      const events = await restartsDuring(
        stage,
        'config.bad',
        () =>
          stage.write(
            'process-compose.yaml',
            `${stage.read('process-compose.yaml')}\n  mailer:\n    comand: exec node src/idle.mjs\n`,
          ),
        (one) => one.event === 'config.bad',
      );
      const after = await pids(stage);
      hold(before === after, `pids ${before} → ${after}`);
      const bad = events.find((one) => one.event === 'config.bad');
      const where = [bad?.['file'], bad?.['line'], bad?.['column']].map(String);
      hold(!where.includes('null'), JSON.stringify(bad));
      return `pids unchanged; ${where.join(':').replace(`${stage.root}/`, '')} ${String(bad?.['message'])}`;
    },
  },
  {
    title: 'its fix',
    expected: 'one restart; the new service is there',
    async play(stage) {
      const events = await oneRestart(stage, 'a restart', () => {
        stage.write('src/idle.mjs', 'setInterval(() => {}, 1000);\n');
        edit(stage, 'process-compose.yaml', /comand:/, 'command:');
      });
      const { services } = await stage.status();
      hold(
        services.some((one) => one.name === 'mailer' && one.pid !== null),
        JSON.stringify(services),
      );
      return `1 restart, ${downtime(events)}, mailer runs`;
    },
  },
  {
    title: 'a checkout of 1,500 changed files',
    expected: 'one restart, after git has finished',
    async play(stage) {
      await stage.git('add', '-A');
      await stage.git('commit', '-qm', 'Work');
      await stage.git('switch', '-qc', 'other');
      mkdirSync(stage.path('src/pages'), { recursive: true });
      const events = await oneRestart(stage, 'a restart for the new files', () => {
        for (let index = 0; index < 1_500; index += 1)
          stage.write(`src/pages/p${index}.mjs`, `export default ${index};\n`);
      });
      await stage.git('add', '-A');
      await stage.git('commit', '-qm', 'Pages');
      const back = await oneRestart(stage, 'a restart for the checkout', async () => {
        await stage.git('switch', '-q', 'main');
      });
      return `1,500 new files: 1 restart (${downtime(events)}); back to main: 1 restart (${downtime(back)})`;
    },
  },
  {
    title: 'a save that makes web fail',
    expected: 'shown as failed with its last log lines; the next save is tried at once',
    async play(stage) {
      const good = stage.read('src/web.mjs');
      const events = await restartsDuring(
        stage,
        'a failed restart',
        () => stage.write('src/web.mjs', `throw new Error('no such luck');\n${good}`),
        ended('failed'),
      );
      const failure = events.find(ended('failed'))?.['failure'] as {
        services: { name: string; lastLog: string[] }[];
      };
      const web = failure.services.find((one) => one.name === 'web');
      hold(web?.lastLog.some((line) => line.includes('no such luck')) ?? false, JSON.stringify(failure));
      const startedAt = Date.now();
      await restartsDuring(
        stage,
        'a good restart',
        () => stage.write('src/web.mjs', good.replace(/VERSION = .*/, "VERSION = '3';")),
        ended('ok'),
      );
      hold((await stage.page()).includes('version 3'), 'the page is not version 3');
      return `web failed with its log; fixed and ready ${((Date.now() - startedAt) / 1000).toFixed(1)} s after the next save`;
    },
  },
  {
    title: 'kill -9 of the supervisor',
    expected: 'the services that outlived it are ended, one stack comes back',
    async play(stage) {
      const { instance, services } = await stage.status();
      const pid = instance?.pid ?? 0;
      const old = services.flatMap((one) => (one.pid === null ? [] : [one.pid]));
      hold(
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(stage.root) || pid > 1,
        'not the supervisor',
      );
      await restartsDuring(
        stage,
        'a restart after the crash',
        () => void process.kill(pid, 'SIGKILL'),
        ended('ok'),
      );
      const left = old.filter((one) => isAlive(one));
      hold(left.length === 0, `still alive: ${left.join(', ')}`);
      hold((await stage.page()).includes('version 3'), 'the page does not answer');
      return `${old.length} orphans ended, the page answers again`;
    },
  },
  {
    title: 'upkeep stop',
    expected: 'no process of the stack, no port, no socket is left',
    play: verifiedStop,
  },
];
