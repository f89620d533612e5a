export {
  type AcquireTrace,
  type CacheOutcome,
  type CacheTrace,
  type ConnectTrace,
  channels,
  type LockTrace,
  type QueryTrace,
  type Trace,
  type TransactionTrace,
} from '../core/channels.js';
export { type Ended, subscribe, type TraceListeners } from './subscribe.js';
