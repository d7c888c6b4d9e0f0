/** Looks at everything once and reports what is true: the source of status, health and why. */
import { formatEndpoint } from '../../core/endpoint.ts';
import { isWell, judge, summarise } from '../../core/health.ts';
import type { Result } from '../../core/result.ts';
import type { ServiceState } from '../../core/service.ts';
import type { ServiceReport, StatusReport } from '../../core/status.ts';
import { endsSoon } from '../../processes/wait-gone.ts';
import { instanceOf } from '../../supervisor/instance.ts';
import type { Control, Found, Instance, ProjectInfo } from '../../supervisor/port.ts';
import { readContent } from '../../watch/content-id/read-content.ts';
import { desiredSeen } from './desired.ts';
import { freshnessOf, freshnessOfService } from './freshness.ts';
import { leftBehind } from './left-behind.ts';
import type { Model } from './model.ts';
import { readModel } from './model.ts';
import { nextCommands } from './next-commands.ts';
import type { Stack } from './open-stack.ts';
import { replacedPrograms, withPrograms } from './replaced-programs.ts';
import { readStart } from './state-records.ts';
import { cutOffVerb } from './unfinished.ts';
import { watchReport } from './watch-report.ts';

export interface Observation {
  readonly report: StatusReport;
  readonly found: Found;
  readonly model: Result<Model>;
}

interface Answers {
  readonly states: ReturnType<Control['states']>;
  readonly info: ReturnType<Control['info']>;
}

const askBoth = (control: Control): Answers => ({ states: control.states(), info: control.info() });

/**
 * Only reads; a broken configuration is part of the answer, not a failure of it. If the supervisor ends between the look at
 * the processes and its answer, the stack is not unreachable but going down: then everything is looked at once more.
 */
export async function observe(stack: Stack): Promise<Observation> {
  const first = await lookOnce(stack);
  const { found, report } = first;
  const isSilent = found.is === 'running' && report.stack === 'unreachable';
  return isSilent && (await endsSoon(found.instance.server)) ? lookOnce(stack) : first;
}

async function lookOnce(stack: Stack): Promise<Observation> {
  const answersOf = new Map<Instance, Answers>();
  const finding = stack.supervisor.find((one, its) => {
    const answers = askBoth(its);
    answersOf.set(one, answers);
    return answers.states;
  });
  // Read while the supervisor answers, and git looks at the tree. This is the model of everything that we started.
  const ours = await readModel(stack);
  const look =
    ours.ok && stack.records().some(({ owner }) => owner === 'upkeep') ? readContent(ours.value.scope) : null;
  look?.catch(() => undefined); // it may not be needed
  const found = await finding;
  const instance = instanceOf(found);
  const isOurs = instance === null || (instance.owner === 'upkeep' && isRecorded(stack));
  const model = isOurs ? ours : await readModel(stack, instance);
  const control = found.is === 'running' ? stack.supervisor.connect(found.instance.endpoint) : null;
  const answers = instance && control ? (answersOf.get(instance) ?? askBoth(control)) : null;
  const [states, info, content] = await Promise.all([
    answers?.states ?? null,
    answers?.info ?? null,
    instance
      ? freshnessOf(stack, instance, { model, look: isOurs ? look : null })
      : ({ verdict: 'unknown', reasons: [] } as const),
  ]);
  const answered = states?.ok ? states.value : [];
  const programs = replacedPrograms(
    stack.project,
    answered,
    (name) => model.ok && model.value.roles.get(name)?.role === 'self',
  );
  const freshness = withPrograms(content, programs);
  const services = await Promise.all(
    answered.map((state) =>
      describeService({
        state,
        model,
        control,
        desired: instance ? 'up' : 'down',
        content,
        isReplaced: programs.some(({ service }) => service === state.name),
      }),
    ),
  );
  const word = summarise({
    supervisor: instance === null ? 'none' : states?.ok ? 'answers' : 'unreachable',
    services: answered.map((state, index) => ({ state, verdict: services[index]?.verdict ?? 'failed' })),
  });
  const { orphans, suspects } = leftBehind(stack, instance, word.healthy);
  const base = {
    schema: 1,
    root: stack.project.root,
    backend: stack.project.backend,
    manager: stack.supervisor.manager,
    stack: word.stack,
    desired: desiredSeen(stack, { isUp: instance !== null, outlived: orphans.length > 0 }),
    healthy: word.healthy,
    unfinished: cutOffVerb(stack),
    instance: instance && describeInstance(stack, instance, info),
    services,
    freshness,
    watch: watchReport(stack),
    orphans,
    suspects,
  } as const;
  return { report: { ...base, next: nextCommands(base, model) }, found, model };
}

function describeInstance(
  stack: Stack,
  instance: Instance,
  info: Result<ProjectInfo> | null,
): NonNullable<StatusReport['instance']> {
  const record = stack.records().find((one) => one.id === instance.id);
  return {
    id: instance.id,
    owner: instance.owner,
    pid: instance.server.pid,
    startedAt: info?.ok ? info.value.startedAt : (record?.startedAt ?? null),
    endpoint: formatEndpoint(instance.endpoint),
    version: info?.ok ? info.value.version : null,
  };
}

async function describeService(ask: {
  state: ServiceState;
  model: Result<Model>;
  control: Control | null;
  desired: 'up' | 'down';
  content: StatusReport['freshness'];
  isReplaced: boolean;
}): Promise<ServiceReport> {
  const { state } = ask;
  const model = ask.model.ok ? ask.model.value : null;
  const finding = model?.roles.get(state.name) ?? {
    role: 'code',
    because: 'it is not in the configuration on disk',
  };
  const { verdict, ready, what } = judge(model?.services.get(state.name) ?? null, state, finding.role);
  const log = isWell(verdict) || !ask.control ? null : await ask.control.logs(state.name, 20);
  return {
    name: state.name,
    status: state.status,
    ready,
    // By its own word in the configuration.
    desired: verdict === 'disabled' ? 'down' : ask.desired,
    verdict,
    what,
    role: finding.role,
    roleBecause: finding.because,
    fresh: ask.isReplaced ? 'stale' : freshnessOfService(finding.role, verdict, ask.content),
    pid: state.isRunning ? state.pid : null,
    restarts: state.restarts,
    exitCode: state.isRunning || state.pid === null ? null : state.exitCode,
    startedAt: state.isRunning ? new Date(Date.now() - state.ageNs / 1e6).toISOString() : null,
    ports: model?.ports.get(state.name) ?? state.ports ?? [],
    lastLog: log?.ok ? log.value : [],
  };
}

/** Without a record, the environment of the running server decides what its configuration means. */
function isRecorded(stack: Stack): boolean {
  const start = readStart(stack.project);
  return start.ok && start.value !== null;
}

/** The supervisor answers, but nothing runs although something should: what `--keep-project` leaves behind. */
export async function isHollow(stack: Stack, instance: Instance): Promise<boolean> {
  const states = await stack.supervisor.connect(instance.endpoint).states();
  if (!states.ok) return false;
  const model = await readModel(stack, instance);
  const services = states.value.map((state) => {
    const known = model.ok ? model.value : null;
    const role = known?.roles.get(state.name)?.role ?? null;
    return { state, verdict: judge(known?.services.get(state.name) ?? null, state, role).verdict };
  });
  return summarise({ supervisor: 'answers', services }).stack === 'hollow';
}
