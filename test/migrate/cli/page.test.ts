import { expect, it } from 'vitest';
import { HANDBOOK } from '../../../src/migrate/cli/commands.js';
import { cliPage } from './page.js';

it('the page of the command line is made of the table of commands', async () => {
  await expect(cliPage(HANDBOOK)).toMatchFileSnapshot('../../../docs/cli.md');
});
