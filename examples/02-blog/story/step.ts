import { ValidationError } from 'trivet';
import { LogInError, UserExistsError } from '../../06-service/errors.js';
import type { Blog } from '../blog.js';

/** What a step tells: no keys, which the library makes anew each time, and no secrets. */
export type Answer = Readonly<Record<string, unknown>>;

export interface Step {
  readonly title: string;
  run(blog: Blog): Promise<Answer>;
}

/** How a refusal is told: its kind, and what it says to a program. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ValidationError) return `invalid: ${error.issues.map(({ path }) => path).join(', ')}`;
    if (error instanceof LogInError) return error.reason;
    if (error instanceof UserExistsError) return `${error.name}: ${error.field}`;
    return (error as Error).name;
  }
  return 'accepted';
}

export async function userNamed({ repositories: { users } }: Blog, username: string) {
  const user = await users.findOne({ username });
  if (user === null) throw new Error(`Expected a user ${username}`);
  return user;
}

export async function postNamed({ repositories: { posts } }: Blog, slug: string) {
  const post = await posts.findOne({ slug });
  if (post === null) throw new Error(`Expected a post ${slug}`);
  return post;
}
