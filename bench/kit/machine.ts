import { cpus } from 'node:os';

/** What figures were measured on: Node, the `servers`, the machine, and the month. */
export function machineText(...servers: readonly string[]): string {
  const machine = `${cpus().length} cores, ${process.platform} ${process.arch}`;
  const month = new Date().toISOString().slice(0, 7);
  return `${[`Node ${process.versions.node}`, ...servers, machine, month].join(', ')}.`;
}
