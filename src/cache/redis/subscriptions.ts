import type { SingleRedisClient } from './client.js';
import { pauseOf } from './connection.js';
import type { Settings } from './options.js';
import { sideClient } from './side-client.js';

/** Who listens to a channel. */
export interface Subscriber {
  message(text: string): void;
  /** From now on messages come; of before, some may be missing. */
  heard(): void;
  /** Every message of before `sentAt`, by the monotonic clock, has come. */
  current(sentAt: number): void;
  /** Messages may be missed from now on. */
  deaf(): void;
}

/** How often the server is asked whether it is still there: one that is gone without a word sends no messages either. */
const ASK_EVERY_MS = 250;
/** How long the connection is kept when nobody listens: who has waited for a message once often waits again. */
const KEPT_MS = 5_000;

/** Messages of the server, on a connection of its own that is made for the first who listens and ends with the last. */
export class Subscriptions {
  readonly #settings: Settings;
  readonly #channels = new Map<string, Set<Subscriber>>();
  #client: SingleRedisClient | null = null;
  #making = false;
  #hears = false;
  #timer: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Gives the function that ends it. */
  add(channel: string, subscriber: Subscriber): () => void {
    let subscribers = this.#channels.get(channel);
    const isNew = subscribers === undefined;
    if (subscribers === undefined) {
      subscribers = new Set();
      this.#channels.set(channel, subscribers);
    }
    subscribers.add(subscriber);
    clearTimeout(this.#end);
    if (this.#client === null) void this.#open();
    else if (isNew && this.#hears) this.#subscribe(this.#client, [channel]);
    else if (this.#hears) subscriber.heard();
    return () => this.#remove(channel, subscriber);
  }

  #remove(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel);
    if (subscribers?.delete(subscriber) !== true || subscribers.size > 0) return;
    this.#channels.delete(channel);
    // Nothing depends on it: a message that nobody listens to is dropped.
    this.#client?.unsubscribe(channel).catch(() => {});
    if (this.#channels.size === 0) this.#end = setTimeout(() => this.#disconnect(), KEPT_MS).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#end);
    this.#disconnect();
    this.#channels.clear();
  }

  async #open(): Promise<void> {
    if (this.#making || this.#closed) return;
    this.#making = true;
    try {
      const client = await sideClient(this.#settings, 'messages', OPTIONS, () => {});
      if (this.#closed || this.#channels.size === 0) {
        client.disconnect();
        return;
      }
      this.#client = client;
      client.on('ready', () => {
        // To listen keeps no process alive.
        (client.stream as { unref?(): void } | null | undefined)?.unref?.();
        this.#subscribe(client, [...this.#channels.keys()]);
      });
      client.on('close', () => this.#lost(client));
      client.on('message', (channel, text) => {
        for (const subscriber of [...(this.#channels.get(channel as string) ?? [])]) subscriber.message(text as string);
      });
      // What becomes of it is told by events.
      client.connect().catch(() => {});
    } catch {
      // No driver, or none that can be duplicated: nothing is heard, which whoever listens is told by never being told otherwise.
    } finally {
      this.#making = false;
    }
  }

  #subscribe(client: SingleRedisClient, channels: readonly string[]): void {
    if (channels.length === 0) return;
    client.subscribe(...channels).then(
      () => {
        if (client !== this.#client || client.status !== 'ready') return;
        this.#hears = true;
        for (const channel of channels) for (const each of [...(this.#channels.get(channel) ?? [])]) each.heard();
        this.#ask(client);
      },
      // The connection was lost meanwhile; the next one subscribes again.
      () => {},
    );
  }

  #ask(client: SingleRedisClient): void {
    clearTimeout(this.#timer);
    const sentAt = performance.now();
    client.call('PING').then(
      () => {
        if (client !== this.#client || !this.#hears) return;
        for (const each of this.#all()) each.current(sentAt);
        this.#timer = setTimeout(() => this.#ask(client), ASK_EVERY_MS).unref();
      },
      () => {},
    );
  }

  #lost(client: SingleRedisClient): void {
    if (client !== this.#client) return;
    clearTimeout(this.#timer);
    if (!this.#hears) return;
    this.#hears = false;
    for (const each of this.#all()) each.deaf();
  }

  #all(): Subscriber[] {
    return [...this.#channels.values()].flatMap((subscribers) => [...subscribers]);
  }

  #disconnect(): void {
    clearTimeout(this.#timer);
    this.#hears = false;
    this.#client?.disconnect();
    this.#client = null;
  }
}

const OPTIONS: Readonly<Record<string, unknown>> = Object.freeze({
  // Replies of the newer protocol come in the middle of messages, which the driver does not tell apart.
  protocol: 2,
  // Of keys, not of channels.
  keyPrefix: '',
  autoResubscribe: false,
  enableOfflineQueue: false,
  retryStrategy: (times: number) => pauseOf(times),
});
