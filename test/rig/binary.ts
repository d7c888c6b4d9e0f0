/** The real process-compose for tests: UPKEEP_TEST_PC, or the one that upkeep itself would use. */
import { findBinary } from '../../src/supervisor/process-compose/binary/find-binary.ts';

let found: Promise<string> | undefined;

/** Absolute path. Builds it once a machine where there is none (about 90 s); rejects where that is not possible. */
export const processComposeBinary = (): Promise<string> => (found ??= find());

async function find(): Promise<string> {
  const given = process.env.UPKEEP_TEST_PC;
  if (given) return given;
  const onProgress = (line: string): void => console.error(line);
  const binary = await findBinary({ running: null, env: process.env, onProgress });
  if (!binary.ok)
    throw new Error(`no process-compose for the tests: ${JSON.stringify(binary.failure, null, 2)}`);
  return binary.value.path;
}
