/** Longer values are documents rather than secrets; only their literal form is searched for. */
const LONGEST = 16 * 1024;

/**
 * The other forms in which a text may contain a value: percent-encoded (RFC 3986, form encoding), or escaped for JSON,
 * for JSON in a page or for HTML. Most values are the same in all forms.
 */
export function writtenForms(value: string): ReadonlySet<string> {
  const forms = new Set<string>();
  if (value.length > LONGEST || /^[\w.~-]*$/.test(value)) return forms;
  const encoded = percentEncoded(value);
  if (encoded !== undefined) {
    const strict = encoded.replace(/[!'()*]/g, hex);
    for (const form of [encoded, strict]) {
      forms
        .add(form)
        .add(form.replaceAll('%20', '+'))
        .add(lowerHex(form))
        .add(encodeURIComponent(form));
    }
    forms.add(encodeURI(value));
  }
  const json = JSON.stringify(value).slice(1, -1);
  forms.add(json).add(json.replaceAll('/', '\\/')).add(JSON.stringify(json).slice(1, -1));
  // Characters that encoders of several languages escape to embed JSON in a page.
  forms.add(json.replace(/[<>&]/g, unicode)).add(json.replace(/[<>&='+]/g, unicode));
  forms.add(json.replace(/[^\x20-\x7e]/g, unicode));
  const html = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  forms.add(html).add(html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'));
  forms.add(html.replaceAll('"', '&#34;').replaceAll("'", '&#x27;'));
  forms.delete(value);
  return forms;
}

/** Returns undefined for a text with a lone surrogate. */
function percentEncoded(value: string): string | undefined {
  try {
    return encodeURIComponent(value);
  } catch {
    return undefined;
  }
}

function lowerHex(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase());
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
