import type { Outcome } from './exporter.ts';
import type { Redact } from './redact.ts';

/** How far the connection came before it failed. */
export type Reached =
  /** Nothing of the request can have left. */
  | 'nothing'
  /** The connection stood, and some of the request may have arrived. */
  | 'connected';

/** Who did not answer, for messages. */
interface Backend {
  /** Its URL without what may be secret. */
  readonly shownUrl: string;
  readonly redact: Redact;
}

/** What it means that there is no answer. Only a connection that stood leaves the outcome unknown. */
export function classifyFailure(error: Error, reached: Reached, { shownUrl, redact }: Backend): Outcome {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const text = redact(describe(error, code));
  const advice = TLS_ADVICE.find(known => known.code.test(code))?.advice;
  // Once a TLS connection stood, only the other side's own alert tells that it did not like our certificate.
  if (advice !== undefined && (reached === 'nothing' || /ALERT/.test(code))) {
    return { kind: 'misconfigured', message: `the backend ${shownUrl}: ${text} \u2014 ${advice}` };
  }
  const { known, otherwise } = REASONS[reached];
  const reason = known.find(each => each.code.test(code));
  const words = reason?.words ?? text;
  return retryable(reached, shownUrl, `(${words}): ${reason?.advice ?? otherwise}`);
}

/** No end of the attempt within its time. */
export function classifyTimeout(timeoutMs: number, reached: Reached, { shownUrl }: Omit<Backend, 'redact'>): Outcome {
  const within = `within ${timeoutMs / 1000} s`;
  const why =
    reached === 'connected'
      ? `${within}: look at its load and its log`
      : `(no connection ${within}): start it, or check exporter.endpoint, the network and firewalls`;
  return { ...retryable(reached, shownUrl, why), timedOut: true };
}

function retryable(reached: Reached, shownUrl: string, why: string) {
  const what = reached === 'connected' ? 'gave no answer' : 'cannot be reached';
  const message = `the backend ${shownUrl} ${what} ${why}`;
  return { kind: 'retryable', message, unknown: reached === 'connected', timedOut: false } as const;
}

/** An AggregateError (several addresses tried) has no message of its own. */
function describe(error: Error, code: string): string {
  const inner = error instanceof AggregateError ? error.errors.map(each => (each as Error).message).join('; ') : '';
  const text = error.message || inner || code || error.name;
  // OpenSSL's texts carry thread ids and source files.
  const plain = /^[0-9A-F]{8,}:error:[^:]*:[^:]*:[^:]*:([^:]*)/.exec(text)?.[1] ?? text;
  return plain.includes(code) || code === '' ? plain : `${plain} (${code})`;
}

interface Reasons {
  readonly known: readonly { readonly code: RegExp; readonly words: string; readonly advice: string }[];
  /** The advice for all others. */
  readonly otherwise: string;
}

const REASONS: Readonly<Record<Reached, Reasons>> = {
  nothing: {
    known: [
      { code: /^ECONNREFUSED$/, words: 'connection refused', advice: 'start it, or set exporter.endpoint' },
      { code: /^ENOTFOUND$/, words: 'its name is not known', advice: 'set exporter.endpoint to a name that resolves' },
      {
        code: /^EAI_/,
        words: 'its name cannot be looked up',
        advice: 'check the network and its name service (DNS)',
      },
      {
        code: /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/,
        words: 'no route to it',
        advice: 'check exporter.endpoint and the network',
      },
      {
        code: /^ETIMEDOUT$/,
        words: 'no connection in time',
        advice: 'start it, or check exporter.endpoint, the network and firewalls',
      },
      {
        code: /^(ECONNRESET|ECONNABORTED|EPIPE)$/,
        words: 'the connection was closed before it stood',
        advice: 'check exporter.endpoint (http:// or https://) and what stands between',
      },
    ],
    otherwise: 'check exporter.endpoint and the network',
  },
  connected: {
    known: [
      {
        code: /^(ECONNRESET|ECONNABORTED|EPIPE)$/,
        words: 'the connection was closed',
        advice: 'look at its log, and at that of a proxy between',
      },
      { code: /^ETIMEDOUT$/, words: 'the connection broke off', advice: 'check the network' },
      {
        code: /^HPE_/,
        words: 'what it sends is not HTTP',
        advice: 'check exporter.endpoint (OTLP over HTTP usually has port 4318; 4317 is gRPC)',
      },
    ],
    otherwise: 'look at its log, and at that of a proxy between',
  },
};

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
