/** An answer in the API's error form: `{ error: { message, type, param, code } }`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly body: string;

  constructor(
    status: number,
    message: string,
    details: { readonly type?: string; readonly param?: string; readonly code?: string } = {},
  ) {
    super(message);
    this.status = status;
    const { type = 'invalid_request_error', param = null, code = null } = details;
    this.body = JSON.stringify({ error: { message, type, param, code } });
  }
}

/** A parameter whose value cannot be used. */
export function invalidValue(param: string, message: string): ApiError {
  return new ApiError(400, message, { param, code: 'invalid_value' });
}
