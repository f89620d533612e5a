import type { JsonSchema } from 'trivet';
import { Category } from '../entities/category.js';
import { Comment } from '../entities/comment.js';
import { Post } from '../entities/post.js';
import { Tag } from '../entities/tag.js';
import { User } from '../entities/user.js';
import { listOf, objectOf, rowSchema } from './schemas.js';

const text: JsonSchema = { type: 'string' };

/** RFC 9457, with what `problem` of `trivet/http` adds. A problem may have members of its own kind beside these. */
const problem: JsonSchema = {
  title: 'Problem',
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: text,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: text,
    code: { ...text, description: 'The kind of error, for programs.' },
    issues: {
      ...listOf(objectOf({ path: text, message: text })),
      description: 'What is wrong with the input, by path.',
    },
    fields: { ...listOf(text), description: 'Fields whose value something else has.' },
  },
  required: ['type', 'title', 'status'],
};

/** The schemas that have a name, which is that of the type in a client that is generated. */
export const components = {
  User: rowSchema(User, 'User', { fullName: text }),
  Post: rowSchema(Post, 'Post'),
  Comment: rowSchema(Comment, 'Comment'),
  Category: rowSchema(Category, 'Category'),
  Tag: rowSchema(Tag, 'Tag'),
  Problem: problem,
} satisfies Readonly<Record<string, JsonSchema>>;

/** `{ $ref }` to a schema that has a name. */
export function ref(name: keyof typeof components): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
