import { expect, it } from 'vitest';
import { checkKeyForm } from '../../src/doctor/key.ts';

it.each([
  ['sk-proj-abcdefghijklmnopqrstuv', 'this is the key of a project, which is not accepted here'],
  ['sk-svcacct-abcdefghijklmnopqrstuv', "this is the key of a project's service account, which is not accepted here"],
  ['sk-abcdefghijklmnopqrstuvwxyz', 'this is the key of a user, which is not accepted here'],
])('a key that is not one for administration is named as what it is: %s', (key, cause) => {
  expect(checkKeyForm(key)).toEqual({ mark: 'fail', code: 'key-of-project', cause });
});
