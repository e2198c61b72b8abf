import { objectIn } from './json-object.ts';

/** A text that a language model writes piece by piece. */
export type CompletionText = { readonly title: string; readonly text: string };

/** Characters of a text that are kept: its end. */
const LONGEST = 500_000;
/** More texts of one stream are not shown. */
const MOST = 50;

/** Puts the texts of a chat-completion stream together. */
export type Completion = {
  /** Takes the data of the next event or line. */
  add(data: string): void;
  /** The texts so far; none when the stream is not from a language model. */
  readonly texts: readonly CompletionText[];
};

/**
 * Reads the streams of OpenAI (chat completions, completions, responses) and of what is compatible with it, of Anthropic
 * (messages), Google (streamGenerateContent) and Ollama.
 */
export function makeCompletion(): Completion {
  const texts = new Map<string, string>();
  return {
    get texts() {
      return Array.from(texts, ([title, text]) => ({ title, text }));
    },
    add(data) {
      const json = objectIn(data);
      for (const [title, piece] of json ? piecesOf(json) : []) {
        if (piece === '' || (!texts.has(title) && texts.size >= MOST)) continue;
        texts.set(title, `${texts.get(title) ?? ''}${piece}`.slice(-LONGEST));
      }
    },
  };
}

type Piece = readonly [title: string, text: string];
type Json = Readonly<Record<string, unknown>>;

function piecesOf(json: Json): Piece[] {
  const { type, choices, candidates, message, response, done } = json;
  if (Array.isArray(choices)) return choices.flatMap(ofChoice);
  if (Array.isArray(candidates)) return candidates.flatMap(ofCandidate);
  if (type === 'response.output_text.delta') return [['Text', textOf(json['delta'])]];
  if (type === 'response.function_call_arguments.delta') {
    return [[`Arguments ${textOf(json['item_id'])}`, textOf(json['delta'])]];
  }
  if (type === 'content_block_start' || type === 'content_block_delta') return ofBlock(json);
  if (typeof done === 'boolean') {
    return [['Text', textOf(response) || textOf(objectOf(message)['content'])]];
  }
  return [];
}

function ofChoice(choice: unknown): Piece[] {
  const { index, delta, text } = objectOf(choice);
  const { content, reasoning_content: reasoning, tool_calls: calls } = objectOf(delta);
  const behind = typeof index === 'number' && index > 0 ? ` ${index + 1}` : '';
  const tools = Array.isArray(calls) ? calls : [];
  return [
    [`Reasoning${behind}`, textOf(reasoning)],
    [`Text${behind}`, textOf(content) || textOf(text)],
    ...tools.map((call): Piece => {
      const { index: at, function: called } = objectOf(call);
      const { name, arguments: given } = objectOf(called);
      const head = textOf(name) === '' ? '' : `${textOf(name)} `;
      return [`Tool call${behind} ${Number(at ?? 0) + 1}`, `${head}${textOf(given)}`];
    }),
  ];
}

function ofCandidate(candidate: unknown, at: number): Piece[] {
  const { parts } = objectOf(objectOf(candidate)['content']);
  if (!Array.isArray(parts)) return [];
  const title = at === 0 ? 'Text' : `Text ${at + 1}`;
  return parts.map((part): Piece => [title, textOf(objectOf(part)['text'])]);
}

function ofBlock({ index, delta, content_block: block }: Json): Piece[] {
  const { type, text, thinking, partial_json: input } = objectOf(delta ?? block);
  const call = `Tool call ${Number(index ?? 0) + 1}`;
  if (type === 'tool_use') return [[call, `${textOf(objectOf(block)['name'])} `]];
  return [
    ['Reasoning', textOf(thinking)],
    ['Text', textOf(text)],
    [call, textOf(input)],
  ];
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
