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
];
