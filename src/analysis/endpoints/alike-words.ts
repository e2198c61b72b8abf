/** A path split at its slashes, and the look of its response. */
type Answered = {
  readonly segments: readonly string[];
  readonly observed: { readonly shape?: string | undefined };
};

/** Words that name a part or an action in any place, whatever the response looks like. */
const FIXED = new Set(
  `about account accounts actions active activities activity add admin aggregate all analytics approve archive archived
  attachments audit auth authorize avatar balance batch billing bulk callback cancel cart categories charts check
  checkout clone close closed comments completed config configuration confirm contact content copy count counts create
  current dashboard data definitions delete delta details disable docs download draft drafts edit enable events
  export favorites feed files filter filters find followers following groups health help history home image images
  import inbox index info invite items json labels latest like likes list lists local locale login logout me members
  messages meta metadata metrics mine move my new next notifications open options orders overview owned page pages
  password pending ping pinned popular posts preferences preview previous private profile projects public publish query
  random read recent refresh register related remove replies report reports reset restore results revoke rules run
  saved schema search self send sent settings setup share shared sign-in sign-out sign-up signup spec stars start
  starred stats statistics status stop stream subscribe subscriptions summary sync tags tasks team teams template
  templates test threads today token tokens top trash tree trending unread update updates upload usage user users
  validate values verify versions views watch whoami`.split(/\s+/),
);

const WORD = /^[A-Za-z0-9](?:[\w.~%-]*\w)?$/;

/** The number of words that must look alike to count as names of things; fewer suffice beside things with ids. */
const WORDS_ALONE = 3;
const WORDS_BESIDE_IDS = 2;

/**
 * Finds the words that name things of one kind: those in one place whose responses look alike.
 *
 * @param bySegment the paths by their segment at `depth`
 * @param identified the segments that are identifiers by their form
 */
export function alikeWords(
  bySegment: ReadonlyMap<string, readonly Answered[]>,
  identified: ReadonlyMap<string, unknown>,
  depth: number,
): string[] {
  const words = new Map<string, string[]>();
  const idLooks = new Set<string>();
  for (const [segment, paths] of bySegment) {
    const look = lookOf(paths, depth);
    if (look === undefined) continue;
    if (identified.has(segment)) idLooks.add(look);
    else if (WORD.test(segment) && !FIXED.has(segment.toLowerCase())) {
      words.set(look, words.get(look) ?? []);
      words.get(look)?.push(segment);
    }
  }
  return [...words].flatMap(([look, alike]) =>
    alike.length >= (idLooks.has(look) ? WORDS_BESIDE_IDS : WORDS_ALONE) ? alike : [],
  );
}

/** The shape of the shortest path with a shape, with the rest of the path after the segment; undefined if there are several. */
function lookOf(paths: readonly Answered[], depth: number): string | undefined {
  let shortest = Number.POSITIVE_INFINITY;
  let looks = new Set<string>();
  for (const { segments, observed } of paths) {
    if (observed.shape === undefined || segments.length > shortest) continue;
    if (segments.length < shortest) looks = new Set();
    shortest = segments.length;
    looks.add(`${segments.slice(depth + 1).join('/')} ${observed.shape}`);
  }
  return looks.size === 1 ? [...looks][0] : undefined;
}
