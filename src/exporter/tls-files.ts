import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ExporterConfig } from '../config/config.ts';
import { ExitError } from '../errors.ts';

/** What TLS needs, as PEM. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads and checks what `exporter.tls` names. Throws ExitError: a start with a bad certificate would only fail later. */
export function readTlsFiles(tls: ExporterConfig['tls']): TlsMaterial {
  const ca = tls.caFile === undefined ? undefined : read('ca_file', tls.caFile);
  const cert = tls.certFile === undefined ? undefined : read('cert_file', tls.certFile);
  const key = tls.keyFile === undefined ? undefined : read('key_file', tls.keyFile);
  if (cert !== undefined && key === undefined) throw bad('key_file', 'is missing: cert_file needs its private key');
  if (key !== undefined && cert === undefined) throw bad('cert_file', 'is missing: key_file needs its certificate');

  if (ca !== undefined) parseCertificates('ca_file', tls.caFile, ca);
  if (cert !== undefined && key !== undefined) {
    const [leaf] = parseCertificates('cert_file', tls.certFile, cert);
    const privateKey = parseKey(tls.keyFile, key);
    if (leaf?.checkPrivateKey(privateKey) !== true) {
      throw bad('key_file', `${tls.keyFile} is not the private key of ${tls.certFile}`);
    }
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function read(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw bad(key, `cannot read ${file} (${code})`, error);
  }
}

function parseCertificates(key: string, file: string | undefined, pem: string): X509Certificate[] {
  const blocks = pem.match(
    /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g,
  );
  if (blocks === null) throw bad(key, `${file} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)`);
  try {
    return blocks.map(block => new X509Certificate(block));
  } catch (error) {
    throw bad(key, `${file} holds a damaged certificate`, error);
  }
}

function parseKey(file: string | undefined, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw bad('key_file', `${file} holds no readable private key in PEM form (without a passphrase)`, error);
  }
}

function bad(key: string, problem: string, cause?: unknown): ExitError {
  return new ExitError('exporter-tls-unusable', `exporter.tls.${key}: ${problem}`, cause);
}
