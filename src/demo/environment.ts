type Environment = Readonly<Record<string, string | undefined>>;

const FOREIGN = /^(?:OTEL|OPENAI)_/i;
const HEADERS = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_LOGS_HEADERS'] as const;

interface CollectorEnvironmentOptions {
  /** What the demo sets itself. */
  readonly own: Environment;
  /** Whether the records go on to a backend of the person's, which may ask for the headers that they set for it. */
  readonly keepHeaders: boolean;
}

/**
 * The environment of the demo's collector. Nothing that configures a collector is inherited: invented events must
 * reach no backend that a person's own variables name.
 */
export function collectorEnvironment(
  inherited: Environment,
  { own, keepHeaders }: CollectorEnvironmentOptions,
): Environment {
  const neutral = Object.entries(inherited).filter(([name]) => !FOREIGN.test(name));
  const headers = keepHeaders ? HEADERS.map(name => [name, inherited[name]] as const) : [];
  return { ...Object.fromEntries([...neutral, ...headers]), ...own };
}
