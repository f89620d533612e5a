import { anyOf, type Insert, type Issue, type StandardSchema, ValidationError } from 'trivet';
import { ImportedPost } from '../entities/import.js';
import { Post } from '../entities/post.js';
import { MOST_TAGS, Tag } from '../entities/tag.js';
import type { Users } from '../repositories/users.js';

type Draft = Pick<Insert<typeof Post>, 'authorId' | 'title' | 'body' | 'excerpt' | 'status' | 'categoryIds'>;

export interface PostToImport extends Draft {
  /** What the post is known by where it comes from. A post comes once, however often it is imported. */
  readonly reference: string;
  /** A text of ISO 8601, from JSON. @default now, for a post that is published */
  readonly publishedAt?: Date | string | null;
  readonly tags?: readonly string[];
}

/** A post to import, of which all is known to fit. */
export interface CheckedPost {
  readonly reference: string;
  readonly post: Draft & Pick<Insert<typeof Post>, 'publishedAt'>;
  /** As they are stored, each once. */
  readonly tags: readonly string[];
}

const FIELDS = ['authorId', 'title', 'body', 'excerpt', 'status', 'publishedAt', 'categoryIds'] as const;
/** Checking them holds up the process: what is more comes in several imports. */
const MOST_POSTS = 10_000;
const SOME_KEY = '00000000-0000-7000-8000-000000000000';

/**
 * Checks all that can be wrong before anything is stored: an author that is not there, too, which only PostgreSQL would refuse. Fields that
 * an import does not name are left out.
 *
 * @throws ValidationError that names everything that does not fit, such as `[3].title`
 */
export async function checkedPosts(given: readonly PostToImport[], users: Users): Promise<readonly CheckedPost[]> {
  if (!Array.isArray(given) || given.length > MOST_POSTS)
    throw new ValidationError(Post.name, [{ path: '', message: `must be a list of at most ${MOST_POSTS} posts` }]);
  const issues: Issue[] = [];
  const checked = given.map((each: unknown, i) => checkedPost(each, `[${i}]`, issues));
  if (issues.length === 0) await checkAuthors(checked, users, issues);
  if (issues.length > 0) throw new ValidationError(Post.name, issues);
  return checked;
}

function checkedPost(given: unknown, path: string, issues: Issue[]): CheckedPost {
  // Of what is no object nothing can be read: then every field is missing.
  const draft = (typeof given === 'object' ? given : null) ?? {};
  const { reference, tags = [], publishedAt } = draft as Partial<PostToImport>;
  const post: Record<string, unknown> = {};
  for (const name of FIELDS) {
    const value = (draft as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) post[name] = value;
  }
  if (typeof publishedAt === 'string') post['publishedAt'] = new Date(publishedAt);
  const fitting = check(Post, post, path, issues);
  check(ImportedPost, { ...(reference !== undefined && { reference }), postId: SOME_KEY }, path, issues);
  const isList = Array.isArray(tags) && tags.length <= MOST_TAGS;
  if (!isList) issues.push({ path: `${path}.tags`, message: `must be a list of at most ${MOST_TAGS} names` });
  const names = isList ? tags.map((name, i) => tagName(name, `${path}.tags[${i}]`, issues)) : [];
  return {
    reference: reference as string,
    post: { ...(post as CheckedPost['post']), authorId: fitting?.authorId ?? '' },
    tags: [...new Set(names)],
  };
}

/** A name as it is stored. */
function tagName(given: unknown, path: string, issues: Issue[]): string {
  const found: Issue[] = [];
  const tag = check(Tag, { name: given }, '', found);
  for (const { message } of found) issues.push({ path, message });
  return tag?.name ?? '';
}

/** The draft as it would be stored; null where it does not fit. */
function check<Out>(entity: StandardSchema<unknown, Out>, draft: object, path: string, issues: Issue[]): Out | null {
  const result = entity['~standard'].validate(draft);
  if (result instanceof Promise) throw new TypeError('An entity checks at once');
  if (result.issues === undefined) return result.value;
  for (const { path: segments = [], message } of result.issues) {
    const inner = segments.map((each) => (typeof each === 'number' ? `[${each}]` : `.${String(each)}`)).join('');
    issues.push({ path: path + inner, message });
  }
  return null;
}

async function checkAuthors(posts: readonly CheckedPost[], users: Users, issues: Issue[]): Promise<void> {
  const ids = new Set(posts.map(({ post }) => post.authorId));
  const authors = await users.find({ id: anyOf(...ids) }, { select: ['id'] });
  const known = new Set(authors.map(({ id }) => id));
  for (const [i, { post }] of posts.entries())
    if (!known.has(post.authorId)) issues.push({ path: `[${i}].authorId`, message: 'must be the key of a user' });
}
