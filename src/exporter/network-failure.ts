import type { Outcome } from './exporter.ts';

/** How far the connection came before it failed. */
export type Reached =
  /** Nothing of the request can have left. */
  | 'nothing'
  /** The connection stood, and some of the request may have arrived. */
  | 'connected';

/** What it means that there is no answer. Only a connection that stood leaves the outcome unknown. */
export function classifyFailure(error: Error, reached: Reached): Outcome {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = describe(error, code);
  const advice = TLS_ADVICE.find(known => known.code.test(code))?.advice;
  // Once a TLS connection stood, only the other side's own alert tells that it did not like our certificate.
  if (advice !== undefined && (reached === 'nothing' || /ALERT/.test(code))) {
    return { kind: 'misconfigured', message: `${message} \u2014 ${advice}` };
  }
  return { kind: 'retryable', message, unknown: reached === 'connected', timedOut: false };
}

/** An AggregateError (several addresses tried) has no message of its own. */
function describe(error: Error, code: string): string {
  const inner = error instanceof AggregateError ? error.errors.map(each => (each as Error).message).join('; ') : '';
  const text = error.message || inner || code || error.name;
  // OpenSSL's texts carry thread ids and source files.
  const plain = /^[0-9A-F]{8,}:error:[^:]*:[^:]*:[^:]*:([^:]*)/.exec(text)?.[1] ?? text;
  return plain.includes(code) || code === '' ? plain : `${plain} (${code})`;
}

const TLS_ADVICE: readonly { readonly code: RegExp; readonly advice: string }[] = [
  { code: /CERT_HAS_EXPIRED/, advice: "the backend's certificate has expired: renew it" },
  { code: /CERT_NOT_YET_VALID/, advice: "the backend's certificate is not valid yet: check both clocks" },
  {
    code: /ALTNAME_INVALID|HOSTNAME_MISMATCH/,
    advice:
      "the backend's certificate is for another name: use that name in exporter.endpoint, or a certificate for this one",
  },
  {
    code: /SELF_SIGNED|UNABLE_TO|SIGNATURE_FAILURE|CERT_UNTRUSTED|CERT_CHAIN|INVALID_CA|CERT_REVOKED|CERT_REJECTED|INVALID_PURPOSE/,
    advice: "the backend's certificate is not signed by a known CA: name the CA's file in exporter.tls.ca_file",
  },
  {
    code: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|EPROTO/,
    advice: 'there is no TLS here: if the backend speaks plain HTTP, write http:// in exporter.endpoint',
  },
  {
    code: /ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/,
    advice: 'the backend asks for another client certificate: check exporter.tls.cert_file and key_file',
  },
  {
    code: /^ERR_(SSL|TLS|OSSL)_|^CERT_|^CRL_/,
    advice: 'TLS failed: check exporter.tls and the settings of the backend',
  },
];
