/** Puts a port into words: whose it is, since when, on which addresses, and the next move. */
import type { PortClaim, PortReport } from '../core/port-report.ts';
import { stamp } from './duration.ts';

/** Without indent; the first line says what the port is. */
export function portLines(report: PortReport): string[] {
  const { port, claims } = report;
  // A connection that lets others bind its port is no obstacle.
  const claimed = claims.length > 0 && report.is !== 'free';
  const lines = claimed ? claims.map((claim) => claimLine(report, claim)) : [unclaimed(report)];
  const next = nextMove(report);
  return [...lines.map((line) => `port ${port} ${line}`), ...(next ? [`  ${next}`] : [])];
}

function claimLine(report: PortReport, claim: PortClaim): string {
  const where = [
    claim.cwd ? ` in ${claim.cwd}` : '',
    claim.uid === null ? '' : `, uid ${claim.uid}`,
    claim.addresses.length > 0 ? `, on ${claim.addresses.join(' and ')}` : '',
    claim.since ? `, since ${stamp(claim.since)}` : '',
    report.is === 'inherited' ? '; it inherited the socket, and nothing accepts connections' : '',
    report.is !== 'inherited' && claim.accepts === false && report.claims.length > 1
      ? '; it inherited the socket and does not use it'
      : '',
  ].join('');
  const who = claim.pid === null ? 'a process that cannot be seen from here' : `pid ${claim.pid}`;
  const process = `${who}${claim.command ? ` (${short(claim.command)})` : ''}${where}`;
  if (claim.how === 'connects')
    return `is the local end of a connection to ${claim.peers.slice(0, 3).join(', ')}: ${process}`;
  const service = claim.service ? `service ${claim.service} of ` : 'a process of ';
  switch (claim.is) {
    case 'ours':
      return `is held by ${claim.leftover ? 'what an earlier run left, ' : ''}${service}this project: ${process} (${claim.evidence.join(', ')})`;
    case 'detached':
      return `is taken by a process that came from this stack and left it: ${process}`;
    case 'project':
      return `is taken by ${service}${claim.project ?? 'another upkeep project'}: ${process}`;
    case 'proxy':
      return `is taken by a container's proxy: ${process}`;
    case 'foreign':
      return `is taken by ${process}${claim.service ? `, service ${claim.service}` : ''}`;
  }
}

function unclaimed({ is, timeWait, addresses }: PortReport): string {
  const by = (bind: string): string =>
    addresses
      .filter((address) => address.bind === bind)
      .map(({ host }) => host)
      .join(', ');
  const lately = timeWait > 0 ? `; ${timeWait} of its connections ended a moment ago (TIME_WAIT)` : '';
  switch (is) {
    case 'time-wait':
      return `will be free within a minute: nothing listens, ${timeWait} of its connections ended a moment ago (TIME_WAIT)`;
    case 'bound':
      return `is bound on ${by('taken')} by a process that cannot be seen from here; nothing listens there`;
    default:
      return by('denied')
        ? `is free, but only root may listen there${lately}`
        : `is free on ${by('free') || 'no address of this machine'}${lately}`;
  }
}

function nextMove({ is, claims, port }: PortReport): string | null {
  if (claims.some(({ leftover }) => leftover)) return '`upkeep reap` ends what an earlier run left';
  const stray = claims.find((claim) => claim.stray);
  if (stray)
    return `it looks like a service of this project that lost its supervisor; \`upkeep reap ${stray.pid}\` ends it`;
  const theirs = claims.find((claim) => claim.is === 'project');
  switch (is) {
    case 'project':
      return theirs?.project ? stopThere(theirs.project, theirs.uid) : null;
    case 'proxy':
      return '`docker ps` or `podman ps` names the container';
    case 'inherited':
      return claims.every((claim) => claim.is === 'ours')
        ? '`upkeep restart` ends it'
        : 'connections to it succeed and are never answered, until that process ends';
    case 'client':
      return `a service cannot listen there until that connection ends; ports below 32768 are never given to clients (${port} was)`;
    case 'bound':
      return 'another network namespace, or a program that has not called listen yet';
    default:
      return null;
  }
}

/** No signal of ours reaches another user's process. */
const stopThere = (project: string, uid: number | null): string =>
  uid === null || uid === process.getuid?.()
    ? `\`upkeep stop -C ${project}\` stops it there`
    : `only its user can stop it there: \`sudo -u '#${uid}' upkeep stop -C ${project}\``;

const longest = 100;
const short = (command: string): string =>
  command.length > longest ? `${command.slice(0, longest)}…` : command;
