import type { Condition, GeoPoint, Id, Insert, Json, Patch, Row, UpdateOperator, Where } from 'trivet';
import { expect, test } from 'vitest';
import type { Counter, Event, Ledger, Mixed, Post, PostTag, Shop, Task } from './entities.js';
import { User } from './entities.js';

// These laws are checked by the compiler: `npm run typecheck`. The test only keeps the file in the suite.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Same<A, B> = Equal<{ [K in keyof A]: A[K] }, { [K in keyof B]: B[K] }>;
type Fits<A, B> = A extends B ? true : false;

type Profile = { firstName: string; lastName: string; bio: string | null; location: GeoPoint | null };
type UserRow = {
  id: string;
  email: string;
  username: string;
  role: 'user' | 'moderator' | 'admin';
  age: number | null;
  profile: Profile;
  settings: { theme: 'light' | 'dark'; size: number } | null;
  tags: string[];
  isActive: boolean;
  failedLogins: number;
  lockedUntil: Date | null;
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
  version: number;
  fullName: string;
};
type UserDraft = {
  email: string;
  username: string;
  password: string;
  profile: { firstName: string; lastName: string } & { bio?: string | null; location?: GeoPoint | null };
} & {
  id?: string;
  role?: 'user' | 'moderator' | 'admin';
  age?: number | null;
  settings?: { theme: 'light' | 'dark'; size?: number | undefined } | null;
  tags?: readonly string[];
  isActive?: boolean;
  failedLogins?: number;
  lockedUntil?: Date | null;
  createdAt?: Date;
  updatedAt?: Date;
  deletedAt?: Date | null;
  version?: number;
};
type UserWhere = Where<typeof User>;
type PostPatch = Patch<typeof Post>;
type Lines = { sku: string; count: number }[];
type LinesInput = readonly ({ sku: string } & { count?: number })[];

export type Laws = [
  // rows
  Equal<Same<User, UserRow>, true>,
  Equal<Row<typeof Post>['lines'], Lines>,
  Equal<Row<typeof Post>['price'], string | null>,
  Equal<Row<typeof Ledger>, { id: bigint; amount: bigint; deep: { a: { b: string } | null } }>,
  Equal<Row<typeof Counter>, { id: number; note: Json | null }>,
  Equal<Row<typeof Task>, { id: string; note: string | null; version: number; fence: bigint }>,
  // drafts
  Same<Insert<typeof Task>, { id?: string; note?: string | null; version?: number; fence?: bigint }>,
  Same<Insert<typeof User>, UserDraft>,
  Equal<Insert<typeof Post>['price'], string | number | bigint | null | undefined>,
  Equal<Insert<typeof Post>['lines'], LinesInput | undefined>,
  Same<Insert<typeof PostTag>, { postId: string; tagId: number; weight?: number }>,
  Equal<keyof Insert<typeof User> & ('fullName' | 'password'), 'password'>,
  Same<NonNullable<Insert<typeof Shop>['prefs']>, { theme?: string; note?: string | null }>,
  Fits<{}, Pick<Insert<typeof Shop>, 'prefs' | 'maybe'>>,
  Fits<{ maybe: null }, Pick<Insert<typeof Shop>, 'prefs' | 'maybe'>>,
  Equal<Fits<{ prefs: null }, Pick<Insert<typeof Shop>, 'prefs' | 'maybe'>>, false>,
  // keys
  Equal<Id<typeof User>, string>,
  Equal<Id<typeof PostTag>, { postId: string; tagId: number }>,
  Equal<Id<typeof Ledger>, bigint>,
  Equal<Id<typeof Event>, string>,
  Equal<(typeof Post)['~unique'], 'id' | readonly ['authorId', 'slug']>,
  Equal<(typeof PostTag)['~unique'], readonly ['postId', 'tagId']>,
  // patches: neither keys nor versions nor fences, nested paths, operators by family
  Equal<keyof Patch<typeof User> & ('id' | 'version' | 'age' | 'profile.bio'), 'age' | 'profile.bio'>,
  Equal<keyof Patch<typeof Task>, 'note'>,
  Equal<NonNullable<PostPatch['title']>, string>,
  Equal<
    PostPatch['price'],
    string | number | bigint | null | undefined | UpdateOperator<'bound' | 'increment', string | number | bigint>
  >,
  // filters
  Equal<
    UserWhere['age'],
    number | null | undefined | Condition<'equal' | 'order', number> | Condition<'equal' | 'null', number | null>
  >,
  Equal<UserWhere['failedLogins'], number | undefined | Condition<'equal' | 'order', number>>,
  Equal<Where<typeof Task>['fence'], bigint | undefined | Condition<'equal' | 'order', bigint>>,
  Equal<UserWhere['settings'], null | undefined | Condition<'null', null>>,
  Equal<UserWhere['profile'], undefined>,
  Equal<UserWhere['profile.location'], null | undefined | Condition<'null', null>>,
  Equal<
    UserWhere['tags'],
    undefined | readonly string[] | Condition<'equal', readonly string[]> | Condition<'list', string>
  >,
  Equal<Where<typeof Post>['lines'], undefined>,
  Equal<Fits<'password', keyof UserWhere>, true>,
  Equal<keyof Where<typeof Ledger>, 'id' | 'amount' | 'deep' | 'deep.a' | 'deep.a.b' | '~group'>,
  // what lies in an optional object may be null
  Equal<Fits<null, Where<typeof Ledger>['deep.a.b']>, true>,
  // names of paths
  Equal<(typeof User)['~geo'], 'profile.location'>,
  Equal<(typeof User)['~time'], 'lockedUntil' | 'createdAt' | 'updatedAt' | 'deletedAt'>,
  Equal<(typeof User)['~number'], 'age' | 'failedLogins' | 'version'>,
  Equal<(typeof Task)['~number'], 'version' | 'fence'>,
  Equal<Fits<'password', (typeof User)['~select']>, false>,
  Equal<Fits<'fullName', (typeof User)['~select']>, true>,
  Equal<(typeof User)['~hidden'], { password: string }>,
  // engines
  Equal<(typeof User)['~engines'], string>,
  Equal<(typeof Event)['~engines'], 'mongo' | 'memory'>,
  Equal<(typeof Ledger)['~engines'], 'postgres' | 'memory'>,
  Equal<(typeof Counter)['~engines'], 'postgres' | 'memory'>,
  Equal<(typeof Mixed)['~engines'], 'memory'>,
  Equal<(typeof Task)['~engines'], string>,
];
type FailedOf<T extends readonly unknown[]> = { [K in keyof T]: T[K] extends true ? never : K }[number];
const failed: [FailedOf<Laws>] extends [never] ? true : FailedOf<Laws> = true;

test('the types that follow from an entity are those of its fields', () => {
  expect(failed).toBe(true);
  expect(User.name).toBe('users');
});
