/** TLS settings, the same on every engine: true verifies the server by the system's certificates; an object goes to Node's `tls.connect`. */
export type Tls =
  | boolean
  | {
      /** Authorities that are trusted instead of the system's. */
      readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
      /** Of the client, for a server that demands one; goes with `key`. */
      readonly cert?: string | Buffer | undefined;
      readonly key?: string | Buffer | undefined;
      /** Of a `key` that is encrypted. */
      readonly passphrase?: string | undefined;
      /** With false any certificate is taken, that of an attacker too. @default true */
      readonly rejectUnauthorized?: boolean | undefined;
      /** Whose certificate it must be. @default the host */
      readonly servername?: string | undefined;
    };

/** @throws TypeError that never shows the value: a key that was given by mistake is a secret. */
export function checkTls(value: unknown, option: string): void {
  if (value === undefined || typeof value === 'boolean' || (typeof value === 'object' && value !== null)) return;
  throw new TypeError(`Expected \`${option}\` to be a boolean or an object`);
}

// Of Node (ERR_TLS), of OpenSSL (ERR_SSL for what goes over the wire, ERR_OSSL for what was given), of libuv (EPROTO), and of X.509.
const TLS =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|CERT_|CRL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH)/;

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, "the server's certificate has expired"],
  [/^CERT_NOT_YET_VALID$/, "the server's certificate is not valid yet"],
  [/^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/, "the server's certificate is of another host"],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, "the server's certificate is signed by itself"],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF))/,
    "the server's certificate is of an authority that is not in `ca`",
  ],
  [/^ERR_OSSL_.*DECRYPT/, 'the passphrase does not fit the key'],
  [/^ERR_OSSL_/, 'the certificate, the key or its passphrase cannot be used'],
  [
    /ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)$/,
    'the server wants a certificate of the client, or another protocol',
  ],
  [/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+)$/, "the server refused the client's certificate"],
  [/^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))$/, 'what listens there does not speak TLS'],
];

/** Why TLS failed, in words and as its code; null for any other error. It will not get better by trying again. */
export function tlsFailure(error: unknown): string | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as { readonly code?: unknown };
    if (typeof code !== 'string' || !TLS.test(code)) continue;
    const reason = REASONS.find(([pattern]) => pattern.test(code))?.[1];
    return reason === undefined ? code : `${reason} (${code})`;
  }
  return null;
}
