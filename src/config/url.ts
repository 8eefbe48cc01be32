import { type Format, isNot, scalar } from './format.ts';

/** An http or https URL without credentials and fragment; `query` says whether it may carry a query. */
export function url(options: { readonly example: string; readonly query: boolean }): Format<string> {
  const accepts = 'an http:// or https:// URL';
  return scalar(accepts, value => {
    const parsed = typeof value === 'string' ? URL.parse(value) : null;
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
      return isNot(value, `is not ${accepts}; write for example ${options.example}`);
    }
    if (parsed.username !== '' || parsed.password !== '')
      return isNot(value, 'holds credentials, which have no place in a URL');
    if (parsed.hash !== '') return isNot(value, 'ends in a fragment (#...), which no server ever sees');
    if (parsed.search !== '' && !options.query)
      return isNot(value, `has a query (?...); write for example ${options.example}`);
    return { value: parsed.href };
  });
}

/** Whether what is sent there crosses no network, or is encrypted. */
export function isConfidential(href: string): boolean {
  const { protocol, hostname } = new URL(href);
  return protocol === 'https:' || /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
