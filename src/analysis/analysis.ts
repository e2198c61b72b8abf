import type { Recording } from '../exchange.ts';
import { type LearnedSecrets, learningFrom } from '../secrets/learned-secrets.ts';
import { createSecrets, type OutputSecrets, type Secrets } from '../secrets/secrets.ts';
import { type VariableNames, variableNames } from '../secrets/variables.ts';
import { type ChainVariables, nameChains } from './correlation/chain-variables.ts';
import { nameOrigins } from './naming/origins.ts';
import type { NoiseKind } from './noise/kinds.ts';
import { noiseFilter } from './noise/noise.ts';
import type { CollectionOptions } from './options.ts';
import type { Survey, SurveyOptions } from './survey/survey.ts';
import { surveyRecording } from './survey/survey-recording.ts';

/**
 * A recording that was read once, with the results. All outputs of a run share it: it is not read again for its
 * secrets or its structure, and a secret has the same variable in every output.
 */
export type Analysis = Recording & {
  /** Kinds of noise that were left out, with how many exchanges each. */
  readonly noise: ReadonlyMap<NoiseKind, number>;
  /** Surveys the recording with these options; a survey that was not requested at the start needs another reading. */
  survey(options: SurveyOptions): Promise<SurveyedRecording>;
  /** The replacements for secrets in an output, and the secrets in parts of exchanges that were already read. */
  secretsFor(output: OutputSecrets): {
    readonly secrets: Secrets;
    readonly learned: LearnedSecrets;
  };
};

/** A survey, and the variables that are named after it. */
type SurveyedRecording = {
  readonly survey: Survey;
  /** Variables by origin. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly chains: ChainVariables;
};

export type AnalysisOptions = Pick<CollectionOptions, 'secrets' | 'redact'> & {
  /** Leave out noise. */
  readonly withoutNoise: boolean;
  /** The surveys that the outputs will request; empty if they only need exchanges. */
  readonly surveys: readonly (SurveyOptions & Pick<CollectionOptions, 'sockets'>)[];
};

/** Whether a recording was already analysed. */
export function isAnalysis(recording: Recording): recording is Analysis {
  return 'secretsFor' in recording;
}

/**
 * Reads a recording for its noise, its secrets and its structure in one pass. If it contains repeated polls with
 * unchanged responses, its structure is read again without them.
 */
export async function analyse(recording: Recording, options: AnalysisOptions): Promise<Analysis> {
  let names: VariableNames | undefined;
  const { secrets: mode, redact, withoutNoise } = options;
  // Variables are named once the taken names are known.
  const claim = (wanted: string) => names?.claim(wanted) ?? wanted;
  const secrets = createSecrets({ mode, redact, names: { claim } });
  const filter = withoutNoise ? noiseFilter(recording) : undefined;
  const { recording: learning, ...learned } = learningFrom(filter?.watched ?? recording, secrets);
  const isNeeded = secrets.active || options.surveys.length > 0 || withoutNoise;
  const wanted = new Map(options.surveys.map((one) => [keyOf(one), one]));
  const surveys = [...wanted.values()];
  const given = { sockets: options.surveys.some(({ sockets }) => sockets) };
  let found = isNeeded ? await surveyRecording(learning, surveys, given) : NOTHING_FOUND;
  const quiet = await filter?.finish();
  const kept = quiet?.recording ?? recording;
  if (quiet?.hasPolls) found = await surveyRecording(kept, surveys, given);
  names = variableNames(found.bracedNames);
  let hosts: ReadonlyMap<string, string> | undefined;
  const named = (survey: Survey): SurveyedRecording => {
    hosts ??= nameOrigins(survey.origins, { claim });
    return { survey, hosts, chains: nameChains(survey.requests, { claim }) };
  };
  const known = new Map<string, SurveyedRecording>();
  for (const [at, key] of [...wanted.keys()].entries()) {
    const survey = found.surveys[at];
    if (survey) known.set(key, named(survey));
  }
  return {
    get size() {
      return kept.size;
    },
    read: (places) => kept.read(places),
    noise: quiet?.left ?? new Map(),
    async survey(wanted) {
      const key = keyOf(wanted);
      const before = known.get(key);
      if (before !== undefined) return before;
      const { surveys } = await surveyRecording(kept, [wanted]);
      const [made] = surveys.map(named);
      if (made === undefined) throw new Error('A survey was asked for and not made.');
      known.set(key, made);
      return made;
    },
    secretsFor(output) {
      const own = secrets.forOutput(output);
      return { secrets: own, learned: learned.forOutput(own) };
    },
  };
}

const NOTHING_FOUND = { surveys: [], bracedNames: new Set<string>() };

/** The key that distinguishes surveys. */
function keyOf(options: SurveyOptions): string {
  const { dedupe, restrictedHeaders, group, shape, templates, tests, calls } = options;
  return JSON.stringify([dedupe, restrictedHeaders, group, shape, templates, tests, calls]);
}
