import { type Request, type Response, Router } from 'express';
import type { Insert, Patch } from 'trivet';
import { isPassword, NOBODY } from '../../06-service/passwords.js';
import type { Parts } from '../app.js';
import { type Follow, User } from '../entities.js';
import { ApiError } from '../errors.js';
import { found } from '../repositories.js';
import { blank, fieldsOf } from '../request.js';

/** Registration, log-in, one's own account, profiles and whom one follows. */
export function userRoutes({ repositories: { users, follows }, reading, authentication }: Parts): Router {
  const router = Router();

  const answerOf = async (user: User) => {
    const { email, username, bio, image } = user;
    return { user: { email, token: await authentication.tokenOf(user), username, bio, image } };
  };

  router.post('/users', async (request, response) => {
    const draft = fieldsOf<Insert<typeof User>>(request, 'user', ['username', 'email', 'password'], ['bio', 'image']);
    response.status(201).json(await answerOf(await users.insert(draft)));
  });

  router.post('/users/login', async (request, response) => {
    const given = fieldsOf<{ email: string; password: string }>(request, 'user', ['email', 'password']);
    const missing = Object.entries(given).filter(([, value]) => typeof value !== 'string' || value === '');
    if (missing.length > 0) throw blank(missing.map(([field]) => field));
    const { email, password } = given;
    const user = await users.findOne({ email }, { reveal: ['password'] });
    const isRight = await isPassword(password, user?.password ?? NOBODY);
    if (user === null || !isRight) throw new ApiError(401, { credentials: ['invalid'] });
    response.json(await answerOf(user));
  });

  router.get('/user', async (request, response) => {
    response.json(await answerOf(await authentication.user(request)));
  });

  router.put('/user', async (request, response) => {
    const { id } = await authentication.user(request);
    const fields = ['email', 'username', 'password', 'bio', 'image'];
    response.json(await answerOf(await users.update(id, fieldsOf<Patch<typeof User>>(request, 'user', [], fields))));
  });

  router.get('/profiles/:username', async (request, response) => {
    const viewer = await authentication.viewer(request);
    response.json({ profile: await reading.profile(request.params.username, viewer) });
  });

  /** Changes whom the user follows, and answers with the profile as it is then. */
  const following = (change: (following: Insert<typeof Follow>) => Promise<unknown>) => {
    return async (request: Request<{ username: string }>, response: Response) => {
      const { id: followerId } = await authentication.user(request);
      const { id: followedId, username } = found(User, await users.findOne({ username: request.params.username }));
      await change({ followerId, followedId });
      response.json({ profile: await reading.profile(username, followerId) });
    };
  };
  router
    .route('/profiles/:username/follow')
    .post(following((pair) => follows.getOrInsert(pair, { on: ['followerId', 'followedId'] })))
    .delete(following(({ followerId, followedId }) => follows.deleteMany({ followerId, followedId })));

  return router;
}
