/** Which mount a directory lies on, by the table of mounts. */
import { expect, it } from 'vitest';
import { remoteMount } from '../../src/watch/remote-mount.ts';

const table = [
  '/dev/vda / ext4 rw 0 0',
  'C:\\134 /mnt/c 9p rw 0 0',
  'host:/x /srv/with\\040space nfs4 rw 0 0',
  'tmpfs /srv/with\\040space/local tmpfs rw 0 0',
  'o /over virtiofs rw 0 0',
  'o /over ext4 rw 0 0',
].join('\n');

it.each([
  ['/home/me/p', null],
  ['/mnt/c/Users/me/p', '9p'],
  ['/mnt/cc', null],
  ['/srv/with space/p', 'nfs4'],
  ['/srv/with space/local/p', null],
  ['/over/p', null],
])('tells of %s', (dir, answer) => {
  expect(remoteMount(dir, table)).toBe(answer);
});
