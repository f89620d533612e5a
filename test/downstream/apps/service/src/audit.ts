import type { Transaction, WriteEvent } from 'trivet';
import type { TenantEntity } from './tenant-repository.js';

export interface AuditEntry {
  readonly entity: string;
  readonly action: string;
  readonly tenant: string;
  readonly changedBy: string;
}

/** What was written and committed. */
export class AuditTrail {
  readonly #entries: AuditEntry[] = [];

  get entries(): readonly AuditEntry[] {
    return this.#entries;
  }

  record<E extends TenantEntity>(entity: E, event: WriteEvent<E>, tx: Transaction): void {
    const written = event.rows.map(({ tenant, changedBy }) => ({
      entity: entity.name,
      action: event.action,
      tenant,
      changedBy,
    }));
    tx.afterCommit(() => this.#entries.push(...written));
  }
}
