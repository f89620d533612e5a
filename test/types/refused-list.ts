import type { RefusedCase } from './refused-case.js';

/** What the rules of `parseListQuery` refuse, and what its list is. */
export const listCases: readonly RefusedCase[] = [
  {
    name: 'a hidden field that clients filter by',
    code: "parseListQuery(User, '', { filter: ['password'], maxLimit: 9 });",
    message: 'is not assignable to type',
    twin: "parseListQuery(User, '', { filter: ['email', 'profile.firstName'], maxLimit: 9 });",
  },
  {
    name: 'a hidden field whose operators clients choose',
    code: "parseListQuery(User, '', { filter: { password: ['eq'] }, maxLimit: 9 });",
    message: "'password' does not exist in type",
    twin: "parseListQuery(User, '', { filter: { email: ['eq'], age: ['gte', 'lt'] }, maxLimit: 9 });",
  },
  {
    name: 'an operator that clients cannot have',
    code: "parseListQuery(User, '', { filter: { age: ['$gte'] }, maxLimit: 9 });",
    message: `'"$gte"' is not assignable to type 'ListOperator'`,
    twin: "parseListQuery(User, '', { filter: { age: ['gte'] }, maxLimit: 9 });",
  },
  {
    name: 'a hidden field that clients order by',
    code: "parseListQuery(User, '', { sort: ['password'], maxLimit: 9 });",
    message: `'"password"' is not assignable`,
    twin: "parseListQuery(User, '', { sort: ['createdAt'], maxLimit: 9 });",
  },
  {
    name: 'a hidden field that clients read',
    code: "parseListQuery(User, '', { fields: ['password'], maxLimit: 9 });",
    message: `'"password"' is not assignable`,
    twin: "parseListQuery(User, '', { fields: ['email', 'fullName'], maxLimit: 9 });",
  },
  {
    name: 'a list of clients without a bound',
    code: "parseListQuery(User, '', { filter: ['email'] });",
    message: "Property 'maxLimit' is missing",
    twin: "parseListQuery(User, '', { filter: ['email'], maxLimit: 9 });",
  },
  {
    name: 'a field of a row that clients may not read',
    code: "const all = parseListQuery(User, '', { fields: ['id'], maxLimit: 9 }); (await users.find(all.where, all))[0]!.email;",
    message: "Property 'email' does not exist",
    twin: "const all = parseListQuery(User, '', { fields: ['email'], maxLimit: 9 }); (await users.find(all.where, all))[0]!.email;",
  },
  {
    name: 'a list of another entity',
    code: "const all = parseListQuery(User, '', { maxLimit: 9 }); await posts.find(all.where, all);",
    message: 'is not assignable to',
    twin: "const all = parseListQuery(User, '', { maxLimit: 9 }); (await users.find(all.where, all))[0]!.email;",
  },
];
