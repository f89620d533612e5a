export {
  type AcquireTrace,
  type ConnectTrace,
  channels,
  type QueryTrace,
  type Trace,
  type TransactionTrace,
} from '../core/channels.js';
export { type Ended, subscribe, type TraceListeners } from './subscribe.js';
