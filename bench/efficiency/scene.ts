import { openStage, type Stage, type StageOptions } from '../../test/support/stage.ts';
import { openSink, type Sink } from './sink.ts';

export const HOUR_S = 3_600;
export const DAY_S = 86_400;
/** The collector's default; a stage's own is for tests of what fails. */
const EXPORT_TIMEOUT = '10s';

/** An emulated organization and a backend, both in this process, so that what is measured is in another. */
export interface Scene {
  readonly stage: Stage;
  readonly sink: Sink;
  /** For a process that is to export to the sink. */
  readonly environment: Readonly<Record<string, string>>;
  /** Lets events happen at once, evenly from `fromS` to `toS` seconds ago. Their ids. */
  happened(count: number, ago: readonly [fromS: number, toS: number], tenantShare?: number): readonly string[];
}

/** Closed once `play` has ended. */
export async function withScene<T>(
  auditLogs: NonNullable<StageOptions['auditLogs']>,
  play: (scene: Scene) => Promise<T>,
): Promise<T> {
  const sink = await openSink();
  try {
    const exporter = { timeout: EXPORT_TIMEOUT };
    const stage = await openStage({ content: { kind: 'events', events: [] }, auditLogs, exporter });
    try {
      return await play(createScene(stage, sink));
    } finally {
      await stage.close();
    }
  } finally {
    await sink.close();
  }
}

function createScene(stage: Stage, sink: Sink): Scene {
  const { organization } = stage.emulator;
  return {
    stage,
    sink,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.origin },
    happened(count, [fromS, toS], tenantShare = 0) {
      const nowS = Math.floor(organization.clock.nowMs() / 1000);
      return organization.storm({ count, tenantShare, fromS: nowS - fromS, toS: nowS - toS + 1 });
    },
  };
}
