import { onTestFinished } from 'vitest';
import type { ReceivedRecord } from '../support/otlp-records.ts';
import type { OtlpServer } from '../support/otlp-server.ts';
import { openStage, type Stage, type StageOptions } from '../support/stage.ts';

/** A stage for one test, gone when the test has finished. */
export async function stage(options: StageOptions): Promise<Stage> {
  const opened = await openStage(options);
  onTestFinished(opened.close);
  return opened;
}

/** The uid of every event that was received, as often as it was. */
export function received(...backends: readonly OtlpServer[]): readonly string[] {
  return recordsOf('openai-audit', backends).map(record => record.uid);
}

/** What the collector said of itself, as it was received. */
export function said(...backends: readonly OtlpServer[]): readonly ReceivedRecord[] {
  return recordsOf('openai-audit-collector', backends);
}

function recordsOf(service: string, backends: readonly OtlpServer[]): readonly ReceivedRecord[] {
  return backends
    .flatMap(({ requests }) => requests.flatMap(request => request.records))
    .filter(record => record.resource['service.name'] === service && record.eventName !== 'openai.collector.probe');
}

/** How many records were received more than once, counting each repetition. */
export function repeated(uids: readonly string[]): number {
  return uids.length - new Set(uids).size;
}

export const unique = (uids: readonly string[]): readonly string[] => [...new Set(uids)].toSorted();
