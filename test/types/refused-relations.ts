import type { RefusedCase } from './refused-case.js';

/** What `include` and the makers of relations refuse. */
export const relationCases: readonly RefusedCase[] = [
  {
    name: 'a relation by a field that the row has not',
    code: "await posts.find({}, { include: { author: belongsTo(users, 'authrId') } });",
    message: '"authrId"',
    twin: "await posts.find({}, { include: { author: belongsTo(users, 'authorId') } });",
  },
  {
    name: 'a list relation by a field that the row has not',
    code: "await posts.find({}, { include: { tags: belongsToMany(users, 'tagIds') } });",
    message: '"tagIds"',
    twin: "await users.find({}, { include: { friends: belongsToMany(users, 'tags') } });",
  },
  {
    name: 'a relation by a hidden field',
    code: "await users.find({}, { include: { other: belongsTo(users, 'password') } });",
    message: '"password"',
    twin: "await users.find({}, { include: { other: belongsTo(users, 'email') } });",
  },
  {
    name: 'a relation that takes the name of a field',
    code: "await posts.find({}, { include: { title: belongsTo(users, 'authorId') } });",
    message: "is not assignable to type 'never'",
    twin: "await posts.find({}, { include: { writer: belongsTo(users, 'authorId') } });",
  },
  {
    name: 'a relation that takes the name of a computed field',
    code: "await users.find({}, { include: { fullName: hasMany(posts, 'authorId') } });",
    message: "is not assignable to type 'never'",
    twin: "await users.find({}, { include: { posts: hasMany(posts, 'authorId') } });",
  },
  {
    name: 'rows that name this one by a field that they have not',
    code: "hasMany(posts, 'autorId');",
    message: '\'"autorId"\' is not assignable to parameter',
    twin: "hasMany(posts, 'authorId');",
  },
  {
    name: 'rows between by a field that they have not',
    code: "manyToMany(posts, postTags, 'postId', 'tag');",
    message: '\'"tag"\' is not assignable to parameter',
    twin: "manyToMany(posts, postTags, 'postId', 'tagId');",
  },
  {
    name: 'a related row without what was not selected',
    code: "(await posts.find({}, { include: { author: belongsTo(users, 'authorId', { select: ['id'] }) } }))[0]!.author!.username;",
    message: "Property 'username' does not exist",
    twin: "(await posts.find({}, { include: { author: belongsTo(users, 'authorId', { select: ['id'] }) } }))[0]!.author!.id;",
  },
  {
    name: 'a related row without asking whether it is there',
    code: "(await posts.find({}, { include: { author: belongsTo(users, 'authorId') } }))[0]!.author.username;",
    message: "is possibly 'null'",
    twin: "(await posts.find({}, { include: { author: belongsTo(users, 'authorId') } }))[0]!.author?.username;",
  },
  {
    name: 'a hidden field of a related row',
    code: "(await posts.find({}, { include: { author: belongsTo(users, 'authorId') } }))[0]!.author!.password;",
    message: "Property 'password' does not exist",
    twin: "(await posts.find({}, { include: { author: belongsTo(users, 'authorId', { reveal: ['password'] }) } }))[0]!.author!.password;",
  },
  {
    name: 'a relation that was not included',
    code: 'const [post] = await posts.find({}); post!.author;',
    message: "Property 'author' does not exist",
    twin: "const [post] = await posts.find({}, { include: { author: belongsTo(users, 'authorId') } }); post!.author;",
  },
  {
    name: 'a filter of related rows by a field that they have not',
    code: "hasMany(posts, 'authorId', { where: { titel: 'x' } });",
    message: "Did you mean to write 'title'?",
    twin: "hasMany(posts, 'authorId', { where: { title: 'x' } });",
  },
  {
    name: 'a limit of a relation to one row',
    code: "belongsTo(users, 'authorId', { limit: 1 });",
    message: "'limit' does not exist",
    twin: "hasMany(posts, 'authorId', { limit: 1 });",
  },
  {
    name: 'rows of a relation that counts',
    code: "(await users.find({}, { include: { posts: hasMany(posts, 'authorId', { count: true }) } }))[0]!.posts.length;",
    message: "Property 'length' does not exist on type 'number'",
    twin: "(await users.find({}, { include: { posts: hasMany(posts, 'authorId', { count: true }) } }))[0]!.posts.toFixed();",
  },
  {
    name: 'a nested relation by a field that its row has not',
    code: "hasMany(posts, 'authorId', { include: { by: belongsTo(users, 'writerId') } });",
    message: '"writerId"',
    twin: "hasMany(posts, 'authorId', { include: { by: belongsTo(users, 'authorId') } });",
  },
  {
    name: 'a plain object as a relation',
    code: "await posts.find({}, { include: { author: { belongsTo: 'users' } } });",
    message: "'belongsTo' does not exist in type 'Relation",
    twin: "await posts.find({}, { include: { author: belongsTo(users, 'authorId') } });",
  },
  {
    name: 'relations of a write',
    code: "await posts.updateOne({ title: 'x' }, { title: 'y' }, { include: { author: belongsTo(users, 'authorId') } });",
    message: "'include' does not exist",
    twin: "await posts.findOne({ title: 'x' }, { include: { author: belongsTo(users, 'authorId') } });",
  },
];
