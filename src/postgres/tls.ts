import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { Tls } from '../core/tls.js';
import type { ConnectConfig } from './driver.js';

/**
 * TLS settings as the driver is to have them. It puts the name of the host over a `servername` that was given, and of an address older versions of it verify
 * `localhost`, so that whose certificate it must be is said here. A copy, because it hides the key in the object that it is given, which the
 * application may also use elsewhere.
 */
export function tlsConfig(tls: Tls, host: string): Exclude<ConnectConfig['ssl'], undefined> {
  if (tls === false) return false;
  const given = tls === true ? {} : tls;
  const name = given.servername ?? host;
  if (given.servername === undefined && isIP(host) === 0) return tls === true ? true : ({ ...given } as object);
  return { ...given, checkServerIdentity: (_: string, cert) => checkServerIdentity(name, cert) } as Exclude<
    ConnectConfig['ssl'],
    undefined
  >;
}
