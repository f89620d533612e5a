import { beforeEach, describe, expect, it } from 'vitest';
import { AbortedError, TimeoutError } from '../../src/index.js';
import {
  IrreversibleMigrationError,
  type Migration,
  type MigrationContext,
  type MigrationDatabase,
  MigrationFailedError,
  MigrationHistoryError,
  MigrationLockedError,
  MigrationLockLostError,
  Migrator,
  type MigratorEvents,
  type MigratorOptions,
  migration,
} from '../../src/migrate/index.js';

/** A place of its own to migrate: nothing is in it, not even a ledger. */
export interface Ground<D extends MigrationDatabase> {
  readonly database: D;
  /** The same place, by another client. Closed by the one who made it. */
  readonly other: D;
  readonly ledger: string;
  /** What migrations do here: a mark that joins the transaction of the context. Fails when it is there. */
  add(db: D, mark: string): Promise<void>;
  remove(db: D, mark: string): Promise<void>;
  marks(): Promise<readonly string[]>;
  hasLedger(): Promise<boolean>;
  /** A ledger of the first format: `version`, `name`, `applied_at`, or a document of the like. */
  makeOldLedger(
    lines: readonly { readonly version: string; readonly name: string; readonly at: Date }[],
  ): Promise<void>;
  /** A ledger of a format that does not exist yet. */
  makeNewerLedger(): Promise<void>;
}

/** What every engine keeps to. `fresh` gives a new ground. */
export function ledgerRules<D extends MigrationDatabase>(fresh: () => Promise<Ground<D>>): void {
  let ground: Ground<D>;
  beforeEach(async () => {
    ground = await fresh();
  });

  /** A migration that leaves a mark. */
  const marking = (version: string, more: Partial<Pick<Migration<D>, 'checksum' | 'down'>> = {}): Migration<D> => {
    const { add, remove } = ground;
    return {
      ...migration<D>({
        version,
        name: `m${version}`,
        up: ({ db }) => add(db, version),
        down: ({ db }) => remove(db, version),
        transaction: true,
      }),
      ...more,
    };
  };
  const markings = (...versions: readonly string[]) => versions.map((version) => marking(version));
  const migratorOf = (migrations: readonly Migration<D>[], options: Partial<MigratorOptions<D>> = {}, database?: D) =>
    new Migrator<D>(database ?? ground.database, { migrations, ledger: ground.ledger, ...options });
  const done = ({ steps }: { readonly steps: readonly { readonly version: string; readonly direction: string }[] }) =>
    steps.map(({ version, direction }) => `${direction} ${version}`);
  const states = async (migrator: Migrator<D>) =>
    (await migrator.status()).migrations.map(({ version, state }) => `${version} ${state}`);
  const kinds = async (migrator: Migrator<D>) =>
    (await migrator.validate()).map(({ kind, version }) => `${version} ${kind}`);
  const caught = async (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => null,
      (error) => error,
    );

  describe('up()', () => {
    it('applies what is there in the order of the values of the versions, once', async () => {
      const migrator = migratorOf(markings('10', '9', '0100'));
      expect(done(await migrator.up())).toEqual(['up 9', 'up 10', 'up 0100']);
      expect(await ground.marks()).toEqual(['9', '10', '0100']);
      expect(await migrator.up()).toEqual({ steps: [] });
      expect(await states(migrator)).toEqual(['9 applied', '10 applied', '0100 applied']);
    });

    it('goes as far as it is told, and refuses a version that is not there', async () => {
      const migrator = migratorOf(markings('1', '2', '3', '4'));
      expect(done(await migrator.up({ steps: 1 }))).toEqual(['up 1']);
      expect(done(await migrator.up({ to: '3' }))).toEqual(['up 2', 'up 3']);
      await expect(migrator.up({ to: '7' })).rejects.toThrow(
        /^Expected `to` to be the version of a migration that is there/,
      );
      await expect(migrator.up({ to: '4', steps: 1 })).rejects.toThrow(TypeError);
      expect(await states(migrator)).toEqual(['1 applied', '2 applied', '3 applied', '4 pending']);
    });

    it('keeps what was done before a migration that failed, and nothing of that one in a transaction', async () => {
      const failing = migration<D>({
        version: '2',
        name: 'fails',
        up: async ({ db }) => {
          await ground.add(db, '2');
          throw new Error('no more');
        },
        transaction: true,
      });
      const migrator = migratorOf([marking('1'), failing, marking('3')]);
      const error = (await caught(migrator.up())) as MigrationFailedError;
      expect(error).toBeInstanceOf(MigrationFailedError);
      expect(error).toMatchObject({
        version: '2',
        direction: 'up',
        statement: null,
        dirty: false,
        outcome: 'not-executed',
      });
      expect(error.message).toBe('The up of migration 2 (fails) failed: no more. Nothing of it is stored');
      expect(await ground.marks()).toEqual(['1']);
      expect(await states(migrator)).toEqual(['1 applied', '2 pending', '3 pending']);
      expect(await kinds(migrator)).toEqual([]);
    });

    it('notes in the ledger when it began, how long it took and who ran it', async () => {
      const migrator = migratorOf(markings('1'));
      await migrator.up();
      const [status] = (await migrator.status()).migrations;
      expect(status!.at).toBeInstanceOf(Date);
      expect(status!.durationMs).toBeGreaterThanOrEqual(0);
      expect(status!.by).toContain(`process ${process.pid}`);
    });

    it('takes versions of the same value for the same', async () => {
      await migratorOf([marking('1')]).up();
      const renamed = migratorOf([marking('001')]);
      expect(await renamed.up()).toEqual({ steps: [] });
      expect(done(await renamed.down())).toEqual(['down 001']);
    });

    it('does not join the transaction that it is called in', async () => {
      const migrator = migratorOf(markings('1'), {}, ground.other);
      const rolledBack = ground.other.transaction(async () => {
        await migrator.up();
        throw new Error('undone');
      });
      await expect(rolledBack).rejects.toThrow('undone');
      expect(await states(migrator)).toEqual(['1 applied']);
    });
  });

  describe('down(), to() and redo()', () => {
    it('undo from the latest on, as far as they are told', async () => {
      const migrator = migratorOf(markings('1', '2', '3', '4', '5'));
      await migrator.up();
      expect(done(await migrator.down())).toEqual(['down 5']);
      expect(done(await migrator.down({ steps: 2 }))).toEqual(['down 4', 'down 3']);
      expect(await ground.marks()).toEqual(['1', '2']);
      expect(done(await migrator.down({ to: '1' }))).toEqual(['down 2']);
      expect(done(await migrator.down({ to: '0' }))).toEqual(['down 1']);
      expect(await ground.marks()).toEqual([]);
      expect(await migrator.down()).toEqual({ steps: [] });
    });

    it('go up or down to a version', async () => {
      const migrator = migratorOf(markings('1', '2', '3'));
      expect(done(await migrator.to('2'))).toEqual(['up 1', 'up 2']);
      expect(done(await migrator.to('3'))).toEqual(['up 3']);
      expect(done(await migrator.to('1'))).toEqual(['down 3', 'down 2']);
      expect(await migrator.to('1')).toEqual({ steps: [] });
      expect(done(await migrator.to('0'))).toEqual(['down 1']);
      await expect(migrator.to('9')).rejects.toThrow(TypeError);
    });

    it('undo and apply again', async () => {
      const migrator = migratorOf(markings('1', '2', '3'));
      await migrator.up();
      expect(done(await migrator.redo())).toEqual(['down 3', 'up 3']);
      expect(done(await migrator.redo({ steps: 2 }))).toEqual(['down 3', 'down 2', 'up 2', 'up 3']);
      expect(await ground.marks()).toEqual(['1', '2', '3']);
    });

    it('refuse what has no way back before anything is undone', async () => {
      const migrator = migratorOf([marking('1'), marking('2', { down: null }), marking('3')]);
      await migrator.up();
      for (const call of [
        () => migrator.down({ steps: 2 }),
        () => migrator.to('0'),
        () => migrator.redo({ steps: 3 }),
      ]) {
        const error = await caught(call());
        expect(error).toBeInstanceOf(IrreversibleMigrationError);
        expect(error).toMatchObject({ version: '2' });
      }
      expect(await ground.marks()).toEqual(['1', '2', '3']);
      expect(done(await migrator.down())).toEqual(['down 3']);
    });

    it('keep a migration whose way back failed in a transaction', async () => {
      const stuck = migration<D>({
        version: '1',
        name: 'stuck',
        up: ({ db }) => ground.add(db, '1'),
        down: async ({ db }) => {
          await ground.remove(db, '1');
          throw new Error('no way');
        },
        transaction: true,
      });
      const migrator = migratorOf([stuck]);
      await migrator.up();
      expect(await caught(migrator.down())).toMatchObject({
        code: 'MIGRATION_FAILED',
        direction: 'down',
        dirty: false,
      });
      expect(await ground.marks()).toEqual(['1']);
      expect(await states(migrator)).toEqual(['1 applied']);
    });
  });

  describe('status(), plan() and validate()', () => {
    it('change nothing, and make no ledger', async () => {
      const migrator = migratorOf(markings('1', '2'));
      expect(await migrator.status()).toMatchObject({ pending: 2, problems: [], holder: null });
      const { steps, warnings } = await migrator.plan();
      expect(done({ steps })).toEqual(['up 1', 'up 2']);
      expect(steps[0]).toEqual({ version: '1', name: 'm1', direction: 'up', transaction: true, statements: null });
      expect(warnings).toEqual([]);
      expect(await migrator.validate()).toEqual([]);
      expect(await ground.marks()).toEqual([]);
      expect(await ground.hasLedger()).toBe(false);
    });

    it('plan what a verb would do', async () => {
      const migrator = migratorOf([marking('1', { down: null }), marking('2'), marking('3')]);
      await migrator.up({ to: '2' });
      expect(done(await migrator.plan({ verb: 'down' }))).toEqual(['down 2']);
      expect(done(await migrator.plan({ verb: 'redo' }))).toEqual(['down 2', 'up 2']);
      expect(done(await migrator.plan({ to: '1' }))).toEqual(['down 2']);
      expect(done(await migrator.plan({ to: '3' }))).toEqual(['up 3']);
      const all = await migrator.plan({ verb: 'down', to: '0' });
      expect(done(all)).toEqual(['down 2']);
      expect(all.warnings).toEqual(['Migration 1 (m1) has no `down`, so nothing would be undone.']);
      expect((await migrator.plan({ verb: 'up', steps: 1 })).steps).toHaveLength(1);
    });
  });

  describe('a history that does not fit', () => {
    it('is refused when an applied migration was edited, until repair() accepts it', async () => {
      await migratorOf(markings('1', '2')).up();
      const migrator = migratorOf([marking('1', { checksum: 'another' }), marking('2'), marking('3')]);
      expect(await kinds(migrator)).toEqual(['1 edited']);
      const error = (await caught(migrator.up())) as MigrationHistoryError;
      expect(error).toBeInstanceOf(MigrationHistoryError);
      expect(error.problems).toHaveLength(1);
      expect(error.message).toContain('repair --checksums');
      expect(done(await migrator.down())).toEqual(['down 2']);
      expect(await caught(migrator.down())).toMatchObject({ code: 'MIGRATION_HISTORY', version: '1' });
      expect(await migrator.repair({ checksums: true })).toEqual({
        applied: [],
        forgotten: [],
        checksums: ['1'],
        problems: [],
      });
      expect(done(await migrator.up())).toEqual(['up 2', 'up 3']);
    });

    it('is refused when a file is gone, until repair() forgets its line', async () => {
      await migratorOf(markings('1', '2')).up();
      const migrator = migratorOf(markings('1', '3'));
      expect(await states(migrator)).toEqual(['1 applied', '2 missing', '3 pending']);
      expect(await caught(migrator.up())).toMatchObject({ problems: [{ kind: 'missing', version: '2' }] });
      expect(await caught(migrator.down())).toMatchObject({ problems: [{ kind: 'missing', version: '2' }] });
      expect(await migrator.repair({ forget: ['2'] })).toMatchObject({ forgotten: ['2'], problems: [] });
      expect(done(await migrator.up())).toEqual(['up 3']);
    });

    it('lets an earlier release start beside a later one', async () => {
      await migratorOf(markings('1', '2')).up();
      const earlier = migratorOf(markings('1'));
      expect(await kinds(earlier)).toEqual(['2 missing']);
      expect(await earlier.up()).toEqual({ steps: [] });
      expect(await caught(earlier.down())).toBeInstanceOf(MigrationHistoryError);
    });

    it('is refused when a migration comes too late, unless that is allowed', async () => {
      await migratorOf(markings('1', '3')).up();
      const all = markings('1', '2', '3', '4');
      const migrator = migratorOf(all);
      expect(await kinds(migrator)).toEqual(['2 out-of-order']);
      expect((await migrator.plan()).warnings).toHaveLength(1);
      expect(await caught(migrator.up())).toMatchObject({ problems: [{ kind: 'out-of-order', version: '2' }] });
      expect(await ground.marks()).toEqual(['1', '3']);
      const allowing = migratorOf(all, { outOfOrder: 'allow' });
      expect(await kinds(allowing)).toEqual([]);
      expect((await allowing.plan()).warnings).toEqual(['Migration 2 (m2) would run although later ones are applied.']);
      expect(done(await allowing.up())).toEqual(['up 2', 'up 4']);
    });
  });

  describe('a migration without a transaction', () => {
    const halfWay = (version = '2') =>
      migration<D>({
        version,
        name: 'half',
        up: async ({ db }) => {
          await ground.add(db, `${version}a`);
          throw new Error('half-way');
        },
        down: async ({ db }) => {
          await ground.remove(db, `${version}a`);
          throw new Error('half back');
        },
        transaction: false,
      });

    it('is dirty when it fails, and nothing runs until repair() says what is there', async () => {
      const all = [marking('1'), halfWay(), marking('3')];
      const migrator = migratorOf(all);
      const error = (await caught(migrator.up())) as MigrationFailedError;
      expect(error).toMatchObject({ version: '2', dirty: true, statement: null });
      expect(error.message).toContain('look, then `repair`');
      expect(await ground.marks()).toEqual(['1', '2a']);
      expect(await states(migrator)).toEqual(['1 applied', '2 dirty', '3 pending']);
      for (const call of [
        () => migrator.up(),
        () => migrator.down(),
        () => migrator.to('1'),
        () => migrator.baseline('3'),
      ]) {
        expect(await caught(call())).toMatchObject({ problems: [{ kind: 'dirty', version: '2' }] });
      }
      expect(await migrator.repair({ applied: ['2'] })).toMatchObject({ applied: ['2'], problems: [] });
      expect(done(await migrator.up())).toEqual(['up 3']);
    });

    it('runs again from its beginning when repair() forgets it', async () => {
      const migrator = migratorOf([marking('1'), halfWay()]);
      await caught(migrator.up());
      await ground.remove(ground.database, '2a');
      expect(await migrator.repair({ forget: ['2'] })).toMatchObject({ forgotten: ['2'] });
      const mended = migratorOf(markings('1', '2'));
      expect(done(await mended.up())).toEqual(['up 2']);
    });

    it('is dirty when its way back fails, too', async () => {
      const all = [halfWay('1')];
      const migrator = migratorOf(all);
      await caught(migrator.up());
      await migrator.repair({ applied: ['1'] });
      expect(await caught(migrator.down())).toMatchObject({ direction: 'down', dirty: true });
      expect(await states(migrator)).toEqual(['1 dirty']);
      await migrator.repair({ forget: ['1'] });
      expect(await states(migrator)).toEqual(['1 pending']);
    });

    it('counts as applied and as undone when it succeeds', async () => {
      const plain = migration<D>({
        version: '1',
        name: 'plain',
        up: ({ db }) => ground.add(db, '1'),
        down: ({ db }) => ground.remove(db, '1'),
        transaction: false,
      });
      const migrator = migratorOf([plain]);
      await migrator.up();
      expect(await states(migrator)).toEqual(['1 applied']);
      await migrator.down();
      expect(await states(migrator)).toEqual(['1 pending']);
      expect(await ground.marks()).toEqual([]);
    });

    it('refuses a repair of versions that are nowhere', async () => {
      const migrator = migratorOf(markings('1'));
      await expect(migrator.repair({ applied: ['7'] })).rejects.toThrow(TypeError);
      await expect(migrator.repair({ forget: ['1'] })).rejects.toThrow(TypeError);
    });
  });

  describe('baseline()', () => {
    it('takes what is there for applied without running it', async () => {
      const migrator = migratorOf(markings('1', '2', '3'));
      expect(await migrator.baseline('2')).toEqual(['1', '2']);
      expect(await states(migrator)).toEqual(['1 baseline', '2 baseline', '3 pending']);
      expect(done(await migrator.up())).toEqual(['up 3']);
      expect(await ground.marks()).toEqual(['3']);
      expect(await migrator.baseline('2')).toEqual([]);
    });

    it('goes on beyond a ledger that is there, and never behind it', async () => {
      await migratorOf(markings('1', '3')).up();
      const migrator = migratorOf(markings('1', '2', '3', '4'));
      expect(await caught(migrator.baseline('4'))).toMatchObject({
        problems: [{ kind: 'out-of-order', version: '2' }],
      });
      expect(await migratorOf(markings('1', '3', '4')).baseline('4')).toEqual(['4']);
      await expect(migrator.baseline('8')).rejects.toThrow('Expected `version` to be the version of a migration');
    });
  });

  describe('the lock', () => {
    /** A migration that holds the lock until it is let go. */
    const holding = (version: string, transaction = true) => {
      let letGo = (): void => {};
      let begin = (_context: MigrationContext<D>): void => {};
      const begun = new Promise<MigrationContext<D>>((resolve) => {
        begin = resolve;
      });
      const end = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const made = migration<D>({
        version,
        name: 'holds',
        up: async (context) => {
          await ground.add(context.db, version);
          begin(context);
          await end;
        },
        transaction,
      });
      return { made, begun, letGo };
    };

    it('is held by one: the others fail at once, and are told by whom', async () => {
      const { made, begun, letGo } = holding('1');
      const running = migratorOf([made]).up();
      await begun;
      const late = migratorOf([made], {}, ground.other);
      const error = (await caught(late.up())) as MigrationLockedError;
      expect(error).toBeInstanceOf(MigrationLockedError);
      expect(error.retryable).toBe(true);
      expect(error.holder?.who).toContain(`process ${process.pid}`);
      expect(error.holder?.since).toBeInstanceOf(Date);
      expect((await late.status()).holder?.who).toContain(`process ${process.pid}`);
      letGo();
      expect(done(await running)).toEqual(['up 1']);
      expect((await late.status()).holder).toBeNull();
      expect(await late.up()).toEqual({ steps: [] });
    });

    it('lets each migration run once, however many wait for it', async () => {
      const { made, begun, letGo } = holding('1');
      const all = [made, ...markings('2', '3')];
      const first = migratorOf(all).up();
      await begun;
      const waiting: unknown[] = [];
      const others = [ground.other, ground.other, ground.other].map((database) => {
        const migrator = migratorOf(all, { wait: '1m' }, database);
        const waits = new Promise<void>((resolve) => {
          migrator.on('waiting', (holder) => {
            waiting.push(holder?.who);
            resolve();
          });
        });
        return { waits, done: migrator.up() };
      });
      await Promise.all(others.map(({ waits }) => waits));
      letGo();
      const reports = await Promise.all([first, ...others.map((each) => each.done)]);
      expect(reports.flatMap(done).sort()).toEqual(['up 1', 'up 2', 'up 3']);
      expect(await ground.marks()).toEqual(['1', '2', '3']);
      expect(waiting).toEqual(Array(3).fill(expect.stringContaining(`process ${process.pid}`)));
    });

    it('tells what runs without a transaction from what is dirty', async () => {
      const { made, begun, letGo } = holding('1', false);
      const running = migratorOf([made]).up();
      await begun;
      const late = migratorOf([made], {}, ground.other);
      expect(await states(late)).toEqual(['1 running']);
      expect(await late.validate()).toEqual([]);
      expect(await caught(late.up())).toBeInstanceOf(MigrationLockedError);
      letGo();
      await running;
      expect(await states(late)).toEqual(['1 applied']);
    });

    it('is not needed by who has nothing to do', async () => {
      await migratorOf(markings('1')).up();
      const { made, begun, letGo } = holding('2');
      const running = migratorOf([marking('1'), made]).up();
      await begun;
      expect(await migratorOf(markings('1'), {}, ground.other).up()).toEqual({ steps: [] });
      letGo();
      await running;
    });

    it('ends a wait by the signal', async () => {
      const { made, begun, letGo } = holding('1');
      const running = migratorOf([made]).up();
      await begun;
      const controller = new AbortController();
      const late = migratorOf([made], { wait: '1h' }, ground.other);
      late.on('waiting', () => controller.abort());
      expect(await caught(late.up({ signal: controller.signal }))).toBeInstanceOf(AbortedError);
      letGo();
      await running;
    });

    it('is given back after a failure', async () => {
      const failing = migration<D>({
        version: '1',
        name: 'fails',
        up: () => Promise.reject(new Error('no')),
        transaction: true,
      });
      await caught(migratorOf([failing]).up());
      expect((await migratorOf([failing]).status()).holder).toBeNull();
      expect(done(await migratorOf([marking('1')], {}, ground.other).up())).toEqual(['up 1']);
    });

    it.each([
      ['in a transaction', true],
      ['without a transaction', false],
    ])('taken away by unlock() ends what runs %s', async (_how, transaction) => {
      const { made, begun, letGo } = holding('1', transaction);
      const running = caught(migratorOf([made, marking('2')]).up());
      const context = await begun;
      const rescuer = migratorOf([made], {}, ground.other);
      expect((await rescuer.unlock())?.who).toContain(`process ${process.pid}`);
      if (!context.signal.aborted) await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      letGo();
      const error = await running;
      expect(error).toBeInstanceOf(MigrationLockLostError);
      expect(error).toMatchObject({ version: '1' });
      expect(await states(rescuer)).toEqual([transaction ? '1 pending' : '1 dirty']);
      expect(await rescuer.unlock()).toBeNull();
      if (transaction) expect(await ground.marks()).toEqual([]);
    });
  });

  describe('limits', () => {
    const hanging = (transaction: boolean) => {
      let begin = (): void => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const made = migration<D>({
        version: '1',
        name: 'hangs',
        up: async ({ db, signal }) => {
          await ground.add(db, '1');
          begin();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
        transaction,
      });
      return { made, begun };
    };

    it.each([[true], [false]])('end a migration by the signal (transaction: %s)', async (transaction) => {
      const { made, begun } = hanging(transaction);
      const controller = new AbortController();
      const running = caught(migratorOf([made]).up({ signal: controller.signal }));
      await begun;
      controller.abort();
      const error = (await running) as MigrationFailedError;
      expect(error).toMatchObject({ code: 'MIGRATION_FAILED', version: '1', dirty: !transaction });
      expect(error.cause).toBeInstanceOf(AbortedError);
      expect(await states(migratorOf([made]))).toEqual([transaction ? '1 pending' : '1 dirty']);
    });

    it.each([[true], [false]])('end a migration by `timeout` (transaction: %s)', async (transaction) => {
      const { made } = hanging(transaction);
      const error = (await caught(migratorOf([made], { timeout: '3s' }).up())) as MigrationFailedError;
      expect(error).toMatchObject({ code: 'MIGRATION_FAILED', version: '1', dirty: !transaction });
      expect(error.cause).toBeInstanceOf(TimeoutError);
    });

    it('do nothing when the signal was aborted before', async () => {
      const error = await caught(migratorOf(markings('1')).up({ signal: AbortSignal.abort() }));
      expect(error).toBeInstanceOf(AbortedError);
      expect(await ground.marks()).toEqual([]);
    });
  });

  describe('events', () => {
    it('tell what happens, in its order', async () => {
      const told: unknown[] = [];
      const working = migration<D>({
        version: '1',
        name: 'works',
        up: ({ progress }) => {
          progress(1, 2);
          progress(2);
        },
        transaction: true,
      });
      const failing = migration<D>({
        version: '2',
        name: 'fails',
        up: () => Promise.reject(new Error('no')),
        transaction: true,
      });
      const migrator = migratorOf([working, failing]);
      const names: readonly (keyof MigratorEvents & string)[] = [
        'waiting',
        'started',
        'progress',
        'finished',
        'failed',
      ];
      for (const name of names)
        migrator.on(name, (first: unknown, ...rest: readonly unknown[]) => {
          told.push([
            name,
            (first as { readonly version: string }).version,
            ...rest.map((each) => (each instanceof Error ? each.name : each)),
          ]);
        });
      await caught(migrator.up());
      expect(told).toEqual([
        ['started', '1'],
        ['progress', '1', 1, 2],
        ['progress', '1', 2, null],
        ['finished', '1'],
        ['started', '2'],
        ['failed', '2', 'MigrationFailedError'],
      ]);
    });
  });

  describe('a ledger of another version', () => {
    it('of an older one is read, and brought up to date when something is written', async () => {
      const at = new Date('2020-01-02T03:04:05.000Z');
      await ground.makeOldLedger([
        { version: '2', name: 'm2', at },
        { version: '1', name: 'm1', at },
      ]);
      const migrator = migratorOf(markings('1', '2', '3'));
      expect(await states(migrator)).toEqual(['1 applied', '2 applied', '3 pending']);
      expect(await migrator.validate()).toEqual([]);
      expect(done(await migrator.up())).toEqual(['up 3']);
      const { migrations } = await migrator.status();
      expect(migrations.map((each) => each.state)).toEqual(['applied', 'applied', 'applied']);
      expect(migrations[0]).toMatchObject({ at, edited: false, by: null });
      await ground.add(ground.database, '2');
      expect(done(await migrator.down({ steps: 2 }))).toEqual(['down 3', 'down 2']);
      // From now on edits are found out.
      expect(await migrator.repair({ checksums: true })).toMatchObject({ checksums: ['1'] });
    });

    it('of a newer one is refused', async () => {
      await ground.makeNewerLedger();
      const migrator = migratorOf(markings('1'));
      expect(await kinds(migrator)).toEqual(['null newer-ledger']);
      for (const call of [() => migrator.up(), () => migrator.status(), () => migrator.baseline('1')]) {
        expect(await caught(call())).toMatchObject({ problems: [{ kind: 'newer-ledger', version: null }] });
      }
      expect(await ground.marks()).toEqual([]);
    });
  });
}
