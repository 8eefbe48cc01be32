import convict from 'convict';
import { joinPath, nameSuffix } from './format.ts';
import type { Key, Section, Values } from './key.ts';
import type { Raw, Report } from './select.ts';

/** Defaults and validation of one section, by convict. Every fault is reported; undefined when there was one. */
export function validate<S extends Section>(section: S, raw: Raw, path: string, report: Report): Values<S> | undefined {
  let faulty = false;
  const schema = convictSchema(section, path, (at, fault, key) => {
    faulty = true;
    report(at, fault, key);
  });
  // The standard variables are in `raw` already, where the file was silent: convict would let them win.
  const configuration = convict<Raw>(schema, { env: {}, args: [] }).load(raw);
  try {
    configuration.validate({ allowed: 'strict' });
  } catch (error) {
    if (!faulty) throw error;
    return undefined;
  }
  return valuesOf(section, configuration.getProperties()) as Values<S>;
}

type ConvictSchema = convict.Schema<Raw>;

function convictSchema(section: Section, path: string, report: Report): ConvictSchema {
  return Object.fromEntries(
    Object.entries(section.entries).map(([name, entry]) => {
      const childPath = joinPath(path, nameSuffix(name));
      return [
        name,
        entry.kind === 'section' ? convictSchema(entry, childPath, report) : convictKey(entry, childPath, report),
      ];
    }),
  );
}

/** convict joins its errors into one text with the values in it; ours go to `report`, and every key is sensitive to convict. */
function convictKey(key: Key<unknown>, path: string, report: Report): convict.SchemaObj<unknown> {
  return {
    doc: key.doc,
    // By a boolean or numeric default convict would coerce the person's text, and take "maybe" for true.
    default: typeof key.default === 'boolean' || typeof key.default === 'number' ? String(key.default) : key.default,
    sensitive: true,
    format(value: unknown) {
      const reading =
        value === null ? { faults: [{ at: '', message: key.missing ?? 'is missing' }] } : key.format.read(value);
      if ('value' in reading) return;
      for (const fault of reading.faults) report(path, fault, key);
      throw new Error('not valid');
    },
  };
}

function valuesOf(section: Section, properties: Raw): Raw {
  return Object.fromEntries(
    Object.entries(section.entries).map(([name, entry]) => {
      const value = properties[name];
      return [name, entry.kind === 'section' ? valuesOf(entry, value as Raw) : readValid(entry, value)];
    }),
  );
}

function readValid(key: Key<unknown>, value: unknown): unknown {
  if (value === undefined) return undefined;
  const reading = key.format.read(value);
  if ('faults' in reading) throw new Error(`a valid value of this key became invalid: ${key.doc}`);
  return reading.value;
}
