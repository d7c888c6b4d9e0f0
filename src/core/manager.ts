/** Which program runs the services, and what people call it (pure). */
export type Manager = 'process-compose' | 'native';

/** For people. */
export const managerName = (manager: Manager): string =>
  manager === 'native' ? "devenv's process manager" : manager;
