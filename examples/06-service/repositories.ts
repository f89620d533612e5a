import { type Database, Repository } from 'trivet';
import type { DomainClock } from './clock.js';
import { Comment } from './entities/comment.js';
import { Import, ImportedPost } from './entities/import.js';
import { PostTag } from './entities/tag.js';
import { Categories } from './repositories/categories.js';
import { Events } from './repositories/events.js';
import { Likes } from './repositories/likes.js';
import { Posts } from './repositories/posts.js';
import { Tags } from './repositories/tags.js';
import { Users } from './repositories/users.js';

/** The repositories of a blog, in an order in which their tables can be made. */
export function repositoriesOf(database: Database, log: Database, clock: DomainClock) {
  const options: { readonly clock: DomainClock } = { clock };
  return {
    users: new Users(database, options),
    categories: new Categories(database, options),
    tags: new Tags(database, options),
    posts: new Posts(database, options),
    postTags: new Repository(database, PostTag, options),
    comments: new Repository(database, Comment, options),
    likes: new Likes(database, options),
    imports: new Repository(database, Import, options),
    importedPosts: new Repository(database, ImportedPost, options),
    events: new Events(log, options),
  };
}

export type Repositories = ReturnType<typeof repositoriesOf>;
