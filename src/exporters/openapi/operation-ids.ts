/**
 * Creates unique operation ids that read like calls: `getUsersByUserId` for GET /users/{userId}.
 */
export function operationIds(): (method: string, path: string) => string {
  const times = new Map<string, number>();
  return (method, path) => {
    const words = path.split('/').flatMap(segmentWords);
    const wanted =
      method.toLowerCase() + (words.length === 0 ? 'Root' : words.map(upperFirst).join(''));
    let id = wanted;
    for (let number = times.get(wanted) ?? 1; times.has(id); number += 1) id = `${wanted}${number}`;
    times.set(id, 2);
    return id;
  };
}

function segmentWords(segment: string): string[] {
  const parameter = /^\{(.+)\}$/.exec(segment)?.[1];
  const words = (parameter ?? segment).split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return parameter === undefined ? words : ['by', ...words];
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
