import type { Service } from '../composition.js';
import { User } from '../entities/user.js';
import { ForbiddenError } from '../errors.js';
import { issueToken, userOf } from '../http/authentication.js';
import { bodyOf, changeOf, partOf, textsOf } from '../http/input.js';
import type { Route } from '../http/route.js';
import { ref } from '../openapi/components.js';
import { changeBody, draftBody, objectOf, orNull, partOfRow } from '../openapi/schemas.js';
import type { AccountChanges, NewAccount } from '../services/accounts.js';
import { count, text } from './parameters.js';

const profile = partOfRow(User, ['id', 'username', 'role', 'createdAt'], {
  fullName: text,
  bio: orNull(text),
  statistics: objectOf({ posts: count, views: count, comments: count, likes: count }),
});

const session = objectOf({ token: text, expiresIn: { ...count, description: 'Seconds.' }, user: ref('User') });

/** A part of a body: what is not known of it is no error, and goes nowhere. */
const openOf = (properties: Parameters<typeof objectOf>[0]) => ({
  ...objectOf(properties, []),
  additionalProperties: true,
});

/** Accounts, log-in and profiles. */
export function userRoutes(service: Service): readonly Route[] {
  const { accounts, profiles } = service;
  return [
    {
      method: 'post',
      path: '/users',
      summary: 'Register',
      tag: 'users',
      access: 'anyone',
      body: draftBody(User, ['email', 'username', 'password', 'profile', 'preferences']),
      answers: { 201: { description: 'The user, who is a reader.', schema: ref('User') } },
      async handle(request, response) {
        const account = bodyOf<NewAccount>(request, ['email', 'username', 'password', 'profile', 'preferences']);
        const user = await accounts.register(account);
        response.status(201).location(`/users/${user.username}`).json(user);
      },
    },
    {
      method: 'post',
      path: '/sessions',
      summary: 'Log in',
      tag: 'users',
      access: 'anyone',
      body: { ...objectOf({ email: text, password: text }), additionalProperties: true },
      answers: {
        200: { description: 'A token for the header `Authorization: Bearer`.', schema: session },
        401: { description: 'The address or the password is wrong.' },
      },
      async handle(request, response) {
        const { email, password } = textsOf(request, ['email', 'password']);
        const loggedIn = await accounts.logIn(email, password);
        response.json({ ...(await issueToken(service, loggedIn)), user: loggedIn.user });
      },
    },
    {
      method: 'get',
      path: '/me',
      summary: 'The account of who asks',
      tag: 'users',
      access: 'user',
      answers: { 200: { description: 'The user.', schema: ref('User') } },
      async handle(request, response) {
        response.json(userOf(request));
      },
    },
    {
      method: 'patch',
      path: '/me',
      summary: 'Change the account of who asks; another password needs the current one, and ends all tokens',
      tag: 'users',
      access: 'user',
      body: changeBody(User, ['email', 'username', 'password'], {
        currentPassword: text,
        profile: openOf({ bio: orNull({ type: 'string', maxLength: 500 }), location: { type: ['object', 'null'] } }),
        preferences: openOf({ theme: { type: 'string', enum: ['light', 'dark'] } }),
      }),
      answers: {
        200: { description: 'The user.', schema: ref('User') },
        401: { description: 'There is no valid token in the request, or `currentPassword` is wrong.' },
      },
      async handle(request, response) {
        response.json(await accounts.change(userOf(request).id, changesOf(request)));
      },
    },
    {
      method: 'delete',
      path: '/me',
      summary: 'Close the account of who asks',
      tag: 'users',
      access: 'user',
      answers: { 204: { description: 'It is closed; its token is no longer good.' } },
      async handle(request, response) {
        const { id, role } = userOf(request);
        // As with roles: so that one is left.
        if (role === 'admin') throw new ForbiddenError('Another administrator takes the role away first');
        await accounts.close(id);
        response.status(204).end();
      },
    },
    {
      method: 'get',
      path: '/users/:username',
      summary: 'What everybody may see of a user',
      tag: 'users',
      access: 'anyone',
      answers: { 200: { description: 'The profile.', schema: profile } },
      async handle(request, response) {
        response.json(await profiles.show(request.params['username'] as string));
      },
    },
  ];
}

/** An object in a body changes the fields that it names, and leaves its others alone. */
function changesOf(request: Parameters<Route['handle']>[0]): AccountChanges {
  const { profile, preferences, ...changes } = changeOf<
    Omit<AccountChanges, 'profile.bio' | 'profile.location' | 'preferences.theme'> & {
      readonly profile?: unknown;
      readonly preferences?: unknown;
    }
  >(request, ['email', 'username', 'password', 'currentPassword', 'profile', 'preferences']);
  const dotted = (object: string, value: unknown, names: readonly string[]): object =>
    value === undefined
      ? {}
      : Object.fromEntries(
          Object.entries(partOf<Record<string, unknown>>(value, object, names)).map(([name, each]) => [
            `${object}.${name}`,
            each,
          ]),
        );
  return {
    ...changes,
    ...dotted('profile', profile, ['bio', 'location']),
    ...dotted('preferences', preferences, ['theme']),
  };
}
