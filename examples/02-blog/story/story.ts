import type { Blog } from '../blog.js';
import { loadSeed } from '../seed/load.js';
import { makeSeed } from '../seed/seed.js';
import { figures } from './figures.js';
import { people } from './people.js';
import { posts } from './posts.js';
import type { Answer, Step } from './step.js';

const beginning: Step = {
  title: 'Fill the blog with half a year of writing',
  async run(blog) {
    await loadSeed(blog, makeSeed());
    const rows: Record<string, number> = {};
    for (const [name, repository] of Object.entries(blog.repositories)) rows[name] = await repository.count();
    return rows;
  },
};

/** In their order: the later steps see what the earlier ones changed. */
export const story: readonly Step[] = [beginning, ...people, ...posts, ...figures];

export interface TimedAnswer {
  readonly answer: Answer;
  readonly milliseconds: number;
}

/** Carries out the steps on one engine, one after another. */
export async function tell(blog: Blog, steps: readonly Step[], signal?: AbortSignal): Promise<TimedAnswer[]> {
  const answers: TimedAnswer[] = [];
  for (const step of steps) {
    signal?.throwIfAborted();
    const started = performance.now();
    const answer = await step.run(blog);
    answers.push({ answer, milliseconds: performance.now() - started });
  }
  return answers;
}
