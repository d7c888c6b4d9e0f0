/** Finds out whether a directory lies on a network, WSL or VM mount, where the kernel does not see everybody's changes. */
import { readFileSync } from 'node:fs';

const remote = new Set([
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'smbfs',
  '9p',
  'drvfs',
  'vboxsf',
  'virtiofs',
  'fakeowner',
  'davfs',
  'afs',
  'ceph',
  'fuse.sshfs',
  'fuse.vmhgfs-fuse',
  'fuse.rclone',
  'fuse.grpcfuse',
  'fuse.gvfsd-fuse',
  'fuse.osxfs',
  'fuse.s3fs',
]);

/** The type of the file system if it is one of these, else null; also null without /proc. */
export function remoteMount(dir: string, table: string = mounts()): string | null {
  let best = { point: '', type: '' };
  for (const line of table.split('\n')) {
    const [, raw = '', type = ''] = line.split(' ');
    const point = raw.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const holds = dir === point || dir.startsWith(point.endsWith('/') ? point : `${point}/`);
    // A later line is mounted over an earlier one.
    if (point !== '' && holds && point.length >= best.point.length) best = { point, type };
  }
  return remote.has(best.type) ? best.type : null;
}

function mounts(): string {
  try {
    return readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    return '';
  }
}
