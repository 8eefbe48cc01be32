/** What every project may use of each model unless somebody changed it. */
export const RATE_LIMITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'gpt-5': limits(500, 500_000),
  'gpt-5-mini': limits(500, 500_000),
  'gpt-5-nano': limits(500, 200_000),
  'gpt-4.1': limits(500, 30_000),
  'gpt-4.1-mini': limits(500, 200_000),
  'gpt-image-1': { ...limits(50, 100_000), max_images_per_1_minute: 5 },
  'gpt-realtime': limits(200, 40_000),
  o3: { ...limits(500, 30_000), batch_1_day_max_input_tokens: 90_000 },
  'text-embedding-3-large': { ...limits(3000, 1_000_000), max_requests_per_1_day: 100_000 },
  'whisper-1': { ...limits(500, 0), max_audio_megabytes_per_1_minute: 60 },
};

function limits(requests: number, tokens: number): Readonly<Record<string, number>> {
  return { max_requests_per_1_minute: requests, max_tokens_per_1_minute: tokens };
}
