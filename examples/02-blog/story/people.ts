import { SEED_PASSWORD } from '../seed/people.js';
import { refusalOf, type Step, userNamed } from './step.js';

const PASSWORD = 'mind the gap, please';
const NEXT_PASSWORD = 'all stations to the sea';
const NEWCOMER = {
  email: ' Maja@Blog.Example ',
  username: 'maja',
  password: PASSWORD,
  profile: { firstName: 'Maja', lastName: 'Nowak' },
};

export const people: readonly Step[] = [
  {
    title: 'Register: one newcomer, twice, and with everything wrong',
    async run({ accounts }) {
      const user = await accounts.register(NEWCOMER);
      return {
        email: user.email,
        role: user.role,
        theme: user.preferences.theme,
        fields: Object.keys(user).sort(),
        'same address': await refusalOf(accounts.register({ ...NEWCOMER, username: 'maja_2' })),
        'same name': await refusalOf(accounts.register({ ...NEWCOMER, email: 'other@blog.example' })),
        invalid: await refusalOf(
          accounts.register({
            email: 'nowhere',
            username: 'a b',
            password: 'short',
            profile: { firstName: '', lastName: 'X' },
          }),
        ),
      };
    },
  },
  {
    title: 'Log in: five wrong passwords lock an account for two hours',
    async run(blog) {
      const { accounts, clock } = blog;
      const logIn = (password: string) => refusalOf(accounts.logIn('maja@blog.example', password));
      const attempts: string[] = [];
      for (let i = 0; i < 5; i++) attempts.push(await logIn(`guess number ${i}`));
      const right = await logIn(PASSWORD);
      const locked = await userNamed(blog, 'maja');
      clock.advance(119);
      const almost = await logIn(PASSWORD);
      clock.advance(2);
      const later = await logIn(PASSWORD);
      const { failedLogins, lockedUntil, lastLoginAt } = await userNamed(blog, 'maja');
      return {
        attempts,
        'failures counted': locked.failedLogins,
        'locked until': locked.lockedUntil,
        'right password': right,
        'after 119 minutes': almost,
        'after 121 minutes': later,
        'and then': { failedLogins, lockedUntil, lastLoginAt },
        'nobody by that address': await refusalOf(accounts.logIn('nobody@blog.example', PASSWORD)),
        'not active': await refusalOf(accounts.logIn('lena@blog.example', SEED_PASSWORD)),
      };
    },
  },
  {
    title: 'Change an account: the password is hashed anew only when it is another one',
    async run(blog) {
      const { accounts, repositories } = blog;
      const { id } = await userNamed(blog, 'maja');
      const stored = async () => (await repositories.users.get(id, { reveal: ['password'] })).password;
      const first = await stored();
      await accounts.change(id, { 'profile.bio': 'New here.' });
      const afterBio = await stored();
      await accounts.change(id, { 'preferences.theme': 'dark', password: PASSWORD, currentPassword: PASSWORD });
      const afterSame = await stored();
      await accounts.change(id, { password: NEXT_PASSWORD, currentPassword: PASSWORD });
      const afterOther = await stored();
      const { profile, preferences } = await userNamed(blog, 'maja');
      return {
        'stored as': first.split('$')[0],
        'other field': afterBio === first ? 'same hash' : 'hashed again',
        'same password': afterSame === first ? 'same hash' : 'hashed again',
        'other password': afterOther === first ? 'same hash' : 'another hash',
        'log in with the old one': await refusalOf(accounts.logIn('maja@blog.example', PASSWORD)),
        'log in with the new one': await refusalOf(accounts.logIn('maja@blog.example', NEXT_PASSWORD)),
        bio: profile.bio,
        theme: preferences.theme,
        'name of another one': await refusalOf(accounts.change(id, { username: 'bruno' })),
        'without the current one': await refusalOf(accounts.change(id, { password: PASSWORD })),
        invalid: await refusalOf(
          accounts.change(id, { username: 'a b', password: 'short', currentPassword: NEXT_PASSWORD }),
        ),
      };
    },
  },
  {
    title: 'Close an account and open it again',
    async run(blog) {
      const { accounts, repositories } = blog;
      const { id } = await userNamed(blog, 'maja');
      await accounts.close(id);
      const gone = await repositories.users.findByEmail('maja@blog.example');
      const refused = await refusalOf(accounts.logIn('maja@blog.example', NEXT_PASSWORD));
      const { username, deletedAt } = await accounts.reopen(id);
      return { 'while closed': gone, 'log in': refused, afterwards: { username, deletedAt } };
    },
  },
  {
    title: 'List users by a query string, with their numbers of posts',
    async run({ directory }) {
      const { rows, total, pages } = await directory.list('?role[in]=author,admin&sort=-username&limit=4');
      return {
        users: rows.map(({ username, fullName, role, posts }) => `${username}, ${fullName}, ${role}: ${posts}`),
        total,
        pages,
        'not allowed': await refusalOf(directory.list('?password[startsWith]=s&sort=email&limit=1000')),
      };
    },
  },
  {
    title: 'Users by words, and around Vienna',
    async run({ directory }) {
      const named = async (words: string) => (await directory.search(words)).map(({ username }) => username).sort();
      const near = await directory.near({ type: 'Point', coordinates: [16.373, 48.208] }, 1_000);
      return {
        bread: await named('bread'),
        'not mostly': await named('bread -mostly'),
        'a phrase': await named('"slow travel"'),
        near: near.map(({ username, distance }) => `${username}, ${Math.round(distance / 1_000)} km`),
      };
    },
  },
  {
    title: 'Users by role; deactivate two at once',
    async run({ directory, repositories: { users } }) {
      return {
        authors: (await users.byRole('author')).map(({ fullName }) => fullName),
        before: await directory.byRole(),
        deactivated: await directory.deactivate('ivo', 'jun', 'nobody'),
        after: (await directory.byRole()).map(({ role, users, active }) => `${role}: ${active} of ${users}`),
        'active then': (await users.active()).map(({ username }) => username),
      };
    },
  },
];
