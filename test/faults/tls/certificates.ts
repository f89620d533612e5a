import { createPrivateKey, randomUUID } from 'node:crypto';
import { generate } from 'selfsigned';

/** A certificate with its key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>;

const DAY_MS = 86_400_000;

/** What a client may show, and what must show nowhere. */
export const PASSPHRASE = 'planted passphrase of a key';

async function made(
  commonName: string,
  extensions: Extensions,
  signer?: Certificate,
  [from, to]: readonly [number, number] = [-DAY_MS, DAY_MS],
): Promise<Certificate> {
  const now = Date.now();
  const { cert, private: key } = await generate(
    // An issuer is looked up by its name: two of the same name would be taken for one.
    [
      { name: 'commonName', value: commonName },
      { name: 'organizationName', value: `trivet ${randomUUID().slice(0, 8)}` },
    ],
    {
      keyType: 'ec',
      algorithm: 'sha256',
      notBeforeDate: new Date(now + from),
      notAfterDate: new Date(now + to),
      extensions,
      ...(signer !== undefined && { ca: signer }),
    },
  );
  return { cert, key };
}

const authority = (name: string): Promise<Certificate> =>
  made(name, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
  ]);

const leaf = (...names: readonly string[]): Extensions => [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
  { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
  {
    name: 'subjectAltName',
    altNames: names.map((each) => (/^[\d.]+$/.test(each) ? { type: 7, ip: each } : { type: 2, value: each })),
  },
];

const [ca, stranger] = await Promise.all([authority('test authority'), authority('unknown authority')]);
const here = leaf('localhost', '127.0.0.1');
const [good, expired, otherHost, nameOnly, selfSigned, unknown, client] = await Promise.all([
  made('localhost', here, ca),
  made('localhost', here, ca, [-2 * DAY_MS, -DAY_MS]),
  made('elsewhere.example', leaf('elsewhere.example', '192.0.2.1'), ca),
  made('localhost', leaf('localhost'), ca),
  made('localhost', here),
  made('localhost', here, stranger),
  made('ann', leaf('ann.example'), ca),
]);

/** Of the authority that clients trust, and that servers know clients by. */
export const CA: string = ca.cert;

/** What servers show. */
export const SERVER: Readonly<
  Record<'good' | 'expired' | 'otherHost' | 'nameOnly' | 'selfSigned' | 'unknown', Certificate>
> = { good, expired, otherHost, nameOnly, selfSigned, unknown };

/** Of `ann`, whose key is under `PASSPHRASE`. */
export const CLIENT: Certificate = {
  cert: client.cert,
  key: createPrivateKey(client.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: PASSPHRASE,
  }) as string,
};

/** Which certificates a client refuses, and by what OpenSSL and Node call the reason. */
export const REFUSED: readonly (readonly [string, keyof typeof SERVER, RegExp])[] = [
  ['has expired', 'expired', /CERT_HAS_EXPIRED/],
  ['is of another host', 'otherHost', /ERR_TLS_CERT_ALTNAME_INVALID/],
  ['is signed by itself', 'selfSigned', /DEPTH_ZERO_SELF_SIGNED_CERT/],
  ['is of an authority that nobody knows', 'unknown', /UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT_LOCALLY)/],
];
