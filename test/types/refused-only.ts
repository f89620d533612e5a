import type { RefusedCase } from './refused-case.js';

/** What only one engine can do, and what its repository refuses. */
export const onlyCases: readonly RefusedCase[] = [
  {
    name: 'a lock on a portable repository',
    code: "await users.find({}, { lock: 'update' });",
    message: "'lock' does not exist in type",
    twin: "(await sqlUsers.find({ role: 'admin' }, { lock: 'update', skipLocked: true, limit: 3 }))[0]!.fullName;",
  },
  {
    name: 'a lock on MongoDB',
    code: "await mongoUsers.get('1', { lock: 'update' });",
    message: "'lock' does not exist in type",
    twin: "(await sqlUsers.get('1', { lock: 'no key update', noWait: true, select: ['email'] })).email;",
  },
  {
    name: 'a lock that is none',
    code: "await sqlUsers.findById('1', { lock: 'exclusive' });",
    message: `'"exclusive"' is not assignable`,
    twin: "(await sqlUsers.findById('1', { lock: 'key share' }))?.email;",
  },
  {
    name: 'a lock of rows that are only counted',
    code: "await sqlUsers.count({}, { lock: 'share' });",
    message: "'lock' does not exist in type",
    twin: "(await sqlUsers.findOne({}, { lock: 'share' }))?.email;",
  },
  {
    name: 'a field that was not selected, of a locked row',
    code: "(await sqlUsers.find({}, { lock: 'share', select: ['id'] }))[0]!.email;",
    message: "Property 'email' does not exist",
    twin: "(await sqlUsers.find({}, { lock: 'share', select: ['id'] }))[0]!.id;",
  },
  {
    name: 'a plan on a portable repository',
    code: 'await users.explain();',
    message: "Property 'explain' does not exist",
    twin: "(await sqlUsers.explain({ role: 'admin' }, { analyze: true, limit: 3 })).plan['Node Type'].length;",
  },
  {
    name: 'a column of a field that is none',
    code: "sql.column(User, 'profile.firstNam');",
    message: '"profile.firstNam"',
    twin: "sql.column(User, 'profile.firstName', 'u');",
  },
  {
    name: 'concerns on a portable repository',
    code: "users.with({ readConcern: 'majority' });",
    message: "Property 'with' does not exist",
    twin: "(await mongoUsers.with({ readConcern: 'majority' }).find({ role: 'admin' }))[0]!.fullName;",
  },
  {
    name: 'a concern as an option of a portable verb',
    code: "await users.find({}, { readPreference: 'secondary' });",
    message: "'readPreference' does not exist in type",
    twin: "await mongoUsers.with({ readPreference: 'secondary' }).count();",
  },
  {
    name: 'a read concern that is none',
    code: "mongoUsers.with({ readConcern: 'strong' });",
    message: `'"strong"' is not assignable`,
    twin: "mongoUsers.with({ writeConcern: { w: 'majority', timeout: '2s' } });",
  },
  {
    name: 'a retry of locked rows on MongoDB',
    code: 'await mongoDatabase.transaction(async () => 1, { retryLocked: true });',
    message: "'retryLocked' does not exist in type",
    twin: 'await sqlDatabase.transaction(async () => 1, { retries: 3, retryLocked: true });',
  },
  {
    name: 'a write concern of a transaction of PostgreSQL',
    code: 'await sqlDatabase.transaction(async () => 1, { writeConcern: 1 });',
    message: "'writeConcern' does not exist in type",
    twin: 'await mongoDatabase.transaction(async () => 1, { writeConcern: 1 });',
  },
];
