import type { ItemBody } from '../../collection.ts';
import { listAt, names, optionalObject, parametersAt, textMember } from '../../document/fields.ts';
import { formFieldsAt } from '../../document/v2/request.ts';
import { isObject, type JsonObject, membersBut, textOf } from '../../json/object.ts';

/** Reads the body of a saved request; undefined without a body. */
export function bodyAt(saved: JsonObject, path: string): ItemBody | undefined {
  const options = optionalObject(saved['dataOptions'], `${path}.dataOptions`) ?? {};
  const read = modeAt(saved, path);
  if (read === undefined) return undefined;
  const raw = isObject(options['raw']) ? options['raw'] : {};
  const left =
    read.mode === 'raw' ? membersBut(options, names('raw')) : membersBut(options, names(''));
  return {
    ...read,
    ...(read.mode === 'raw' ? textMember('language', raw['language']) : {}),
    ...(saved['dataDisabled'] === true ? { disabled: true } : {}),
    ...(left && { options: left }),
  };
}

function modeAt(saved: JsonObject, path: string): ItemBody | undefined {
  const { data, rawModeData, graphqlModeData } = saved as { [name: string]: unknown };
  const [text] = [rawModeData].flat();
  switch (modeOf(saved)) {
    case 'raw': {
      const raw = typeof text === 'string' && text !== '' ? text : data;
      return { mode: 'raw', text: typeof raw === 'string' ? raw : '' };
    }
    case 'urlencoded':
      return { mode: 'urlencoded', fields: parametersAt(data ?? [], `${path}.data`) };
    case 'params': {
      const fields = listAt(data, `${path}.data`).map((field) => withSource(field));
      // PostmanProxy (2013) writes an empty form where there is no body.
      return fields.length === 0
        ? undefined
        : { mode: 'formdata', fields: formFieldsAt(fields, `${path}.data`) };
    }
    case 'binary':
      return { mode: 'file', src: typeof text === 'string' && text !== '' ? text : null };
    case 'graphql': {
      const graphql = optionalObject(graphqlModeData, `${path}.graphqlModeData`) ?? {};
      return {
        mode: 'graphql',
        query: textOf(graphql['query']),
        ...textMember('operationName', graphql['operationName']),
        ...textMember('variables', graphql['variables']),
      };
    }
    default:
      return undefined;
  }
}

/** Without a mode, the members determine it, as in Postman's own converter. */
function modeOf({ dataMode, data, rawModeData }: JsonObject): string {
  if (dataMode === null) return '';
  if (dataMode !== undefined) return textOf(dataMode);
  if (typeof rawModeData === 'string' && rawModeData !== '') return 'raw';
  if (typeof data === 'string' && data !== '') return 'raw';
  return Array.isArray(data) && data.length > 0 ? 'params' : '';
}

/** Version 1 stores file names in `value`, with an empty name if no file was chosen. */
function withSource(field: unknown): unknown {
  if (!isObject(field) || field['type'] !== 'file' || field['src'] !== undefined) return field;
  const value = field['value'] === '' ? [] : field['value'];
  return { ...membersBut(field, names('value')), src: value };
}
