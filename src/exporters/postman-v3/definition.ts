/** The file that describes a folder, and by which a collection is recognised. */
export const DEFINITION = '.resources/definition.yaml';
