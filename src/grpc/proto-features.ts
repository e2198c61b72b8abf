import { fromJson } from '@bufbuild/protobuf';
import { type FeatureSet, FeatureSetSchema } from '@bufbuild/protobuf/wkt';

/** The features of an edition (Protocol Buffers, "Feature Settings for Editions"), without language-specific ones. */
export function featuresOf(
  options: Readonly<Record<string, unknown>> | undefined,
): FeatureSet | undefined {
  const features = options?.['features'];
  if (typeof features !== 'object' || features === null) return undefined;
  const plain = Object.entries(features).filter(([, value]) => typeof value === 'string');
  if (plain.length === 0) return undefined;
  return fromJson(FeatureSetSchema, Object.fromEntries(plain), { ignoreUnknownFields: true });
}
