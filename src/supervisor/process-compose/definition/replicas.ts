/** Names the replicas of a process as process-compose does. */

/** `web` alone, or `web-0` … `web-2`; the numbers are padded to the width of the *count*: 10 replicas are 00 to 09. */
export function replicaNames(name: string, replicas: number | null): readonly string[] {
  const count = Math.trunc(replicas ?? 1);
  if (count <= 1) return [name];
  const width = String(count).length;
  return Array.from({ length: count }, (_, index) => `${name}-${String(index).padStart(width, '0')}`);
}
