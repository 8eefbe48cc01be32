/** Some vendors put a token into the path (`/receiver/v1/otlp/<token>`); names of paths are shorter. */
const LONGEST_SEGMENT = 24;

/** A URL for logs: origin and path, without credentials, query, fragment and whatever may be a token. */
export function shownUrl(url: URL): string {
  const segments = url.pathname.split('/').map(segment => (segment.length > LONGEST_SEGMENT ? '...' : segment));
  return `${url.origin}${segments.join('/')}`;
}
