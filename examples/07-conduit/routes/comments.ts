import { Router } from 'express';
import { type Insert, increment } from 'trivet';
import type { Parts } from '../app.js';
import { Article, Comment } from '../entities.js';
import { ApiError } from '../errors.js';
import { found } from '../repositories.js';
import { fieldsOf } from '../request.js';

/** What readers say about an article. */
export function commentRoutes({ repositories, reading, authentication }: Parts): Router {
  const { articles, comments, counters } = repositories;
  const router = Router();

  const idOf = async (slug: string): Promise<string> => found(Article, await articles.findOne({ slug })).id;

  router
    .route('/articles/:slug/comments')
    .get(async (request, response) => {
      const viewer = await authentication.viewer(request);
      response.json({ comments: await reading.comments({ articleId: await idOf(request.params.slug) }, viewer) });
    })
    .post(async (request, response) => {
      const { id: authorId } = await authentication.user(request);
      const articleId = await idOf(request.params.slug);
      const draft = fieldsOf<Pick<Insert<typeof Comment>, 'body'>>(request, 'comment', ['body']);
      // The server adds, so that no number is given out twice, on any engine.
      const { value: id } = await counters.update('comments', { value: increment(1) });
      await comments.insert({ ...draft, id, articleId, authorId });
      const [comment] = await reading.comments({ id }, authorId);
      response.status(201).json({ comment: found(Comment, comment) });
    });

  router.delete('/articles/:slug/comments/:id', async (request, response) => {
    const { id: userId } = await authentication.user(request);
    const articleId = await idOf(request.params.slug);
    const { id, authorId } = found(Comment, await comments.findOne({ id: Number(request.params.id), articleId }));
    if (authorId !== userId) throw new ApiError(403, { comment: ['forbidden'] });
    await comments.delete(id);
    response.status(204).end();
  });

  return router;
}
